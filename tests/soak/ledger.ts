import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What one process of the home noted of what it did. */
export interface Played {
  pid: number;
  /** Seconds since the epoch. */
  started: number;
  /** When it noted something last. */
  last: number;
  /** Step that a training began at. */
  from: number;
  /** Whether it came to its own end. */
  ended: boolean;
  steps: { step: number; digest: string; t: number }[];
  videos: string[];
  devices: string | null;
  dimension: string | null;
}

interface Line {
  t: number;
  pid: number;
  started: number;
  event: 'start' | 'step' | 'video' | 'end';
  step?: number;
  digest?: string;
  video?: string;
  devices?: string | null;
  dimension?: string;
}

/** The processes that worked on a job, in the order of their starts. */
export async function playedOf(ledger: string, key: string): Promise<Played[]> {
  const text = await readFile(join(ledger, `${key}.jsonl`), 'utf8').catch(() => '');
  const processes = new Map<string, Played>();
  for (const line of text.split('\n').filter(Boolean)) take(processes, JSON.parse(line) as Line);
  return [...processes.values()].sort((a, b) => a.started - b.started);
}

function take(processes: Map<string, Played>, { t, pid, started, event, ...line }: Line): void {
  const id = `${pid} ${started}`;
  const fresh = { pid, started, last: t, from: line.step ?? 0, ended: false, steps: [], videos: [] };
  const one = processes.get(id) ?? { ...fresh, devices: line.devices ?? null, dimension: line.dimension ?? null };
  processes.set(id, one);
  one.last = t;
  if (event === 'step') one.steps.push({ step: line.step!, digest: line.digest!, t });
  if (event === 'video') one.videos.push(line.video!);
  if (event === 'end') one.ended = true;
}

const hash = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');
const link = (digest: string, ...what: (string | number)[]) => hash([digest, ...what].join(':'));

/** Digests that an undisturbed training has after each of its steps; the first is that before it. */
export function trainingChain(dataset: Buffer, seed: number, steps: number): string[] {
  const chain = [link(hash(dataset), seed)];
  for (let step = 1; step <= steps; step += 1) chain.push(link(chain.at(-1)!, seed, step));
  return chain;
}

/** What a video holds. */
export function videoOf(lora: string, prompt: string, number: number, seed: number): string {
  return link(lora, prompt, number, seed);
}

/** What VBench's player gives a video. */
export function scoreOf(video: string): number {
  return Number.parseInt(hash(video).slice(0, 6), 16) / 0x1000000;
}
