import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '../../plan/manifest.ts';
import { jobsOf, type Plan } from '../../plan/plan.ts';
import type { TrialResult } from '../../plan/protocol.ts';
import { type Played, playedOf, scoreOf, trainingChain, videoOf } from './ledger.ts';
import { DIMENSIONS, PROBE_SAMPLES, PROMPTS, type TrialShape } from './trials.ts';

/** A trial that has ended, and what it was asked for. */
export interface Ended {
  shape: TrialShape;
  result: TrialResult;
}

/** What an ended sandbox shows. */
export interface Findings {
  /** Sentences; empty where all is as it must be. */
  broken: string[];
  /** Programs that were started again. */
  restarts: number;
  /** Training steps that were done more than once. */
  stepsLost: number;
  /** Most steps that one restart lost. */
  mostLost: number;
}

const INFER_SEED = 43;
/** Two clock readings of different processes. */
const CLOCK_SECONDS = 0.005;

/** Looks at everything that ended trials left: results, manifests, metrics, and what each process noted that it did. */
export async function inspect(ledger: string, trials: readonly Ended[]): Promise<Findings> {
  const findings: Findings = { broken: [], restarts: 0, stepsLost: 0, mostLost: 0 };
  const seen = new Set<string>();
  for (const { shape, result } of trials) {
    const plan = JSON.parse(await readFile(join(result.trialDir, 'plan-1.json'), 'utf8')) as Plan;
    const by = new Map(jobsOf(plan).map(job => [job.metaName, job]));
    const dirOf = (name: string) => join(plan.workDir, 'jobs', by.get(name)!.key!);
    const manifests = new Map<string, Manifest>();
    for (const name of by.keys()) manifests.set(name, await publishedIn(dirOf(name), findings.broken));
    const pathOf = (name: string) => {
      const first = manifests.get(name)!.results[0]!;
      return join(dirOf(name), first.kind === 'path' ? first.path : '');
    };
    const chain = trainingChain(await readFile(pathOf('convert')), shape.seed, shape.steps);
    const lora = chain.at(-1)!;
    findings.broken.push(...(await checkBytes(pathOf('train'), pathOf('infer'), lora, shape.steps)));
    const score = meanScore(lora);
    if (Math.abs((result.metrics['score.mean_score'] ?? Number.NaN) - score) > 1e-9)
      findings.broken.push(`the score is ${result.metrics['score.mean_score']}, of an undisturbed trial ${score}`);
    for (const [name, { key }] of by) {
      if (seen.has(key!)) continue;
      seen.add(key!);
      const played = await playedOf(ledger, key!);
      const say = (text: string) => findings.broken.push(`${name} ${key!.slice(0, 8)}: ${text}`);
      for (const text of oneAtATime(played)) say(text);
      findings.restarts +=
        Math.max(0, played.length - (name === 'score' ? DIMENSIONS.length : 1)) * Number(played.length > 0);
      if (name === 'train') {
        for (const text of checkSteps(played, chain)) say(text);
        for (const text of await checkMetrics(dirOf(name), played)) say(text);
        for (const lost of lostOf(played)) {
          findings.stepsLost += lost;
          findings.mostLost = Math.max(findings.mostLost, lost);
          if (lost > shape.checkpointEvery)
            say(`a restart lost ${lost} steps, with a checkpoint every ${shape.checkpointEvery}`);
        }
      }
      if (name === 'infer') {
        const made = played.flatMap(({ videos }) => videos);
        const twice = made.filter((video, i) => made.indexOf(video) < i);
        if (twice.length > 0) say(`made again: ${twice.join(', ')}`);
      }
    }
  }
  return findings;
}

/** As `inspect`, of a trial that only looked at texts. */
export async function inspectProcess(result: TrialResult): Promise<string[]> {
  const broken: string[] = [];
  const plan = JSON.parse(await readFile(join(result.trialDir, 'plan-1.json'), 'utf8')) as Plan;
  for (const { key } of jobsOf(plan)) await publishedIn(join(plan.workDir, 'jobs', key!), broken);
  const samples = result.metrics['before.samples'];
  return samples === PROBE_SAMPLES ? broken : [...broken, `${samples} samples instead of ${PROBE_SAMPLES}`];
}

/** The manifest of a job; every file that it lists must be what it was when it was published. */
async function publishedIn(dir: string, broken: string[]): Promise<Manifest> {
  const manifest = JSON.parse(await readFile(join(dir, 'manifest.json'), 'utf8')) as Manifest;
  const others = (await readdir(dir)).filter(name => name.startsWith('manifest.') && name !== 'manifest.json');
  if (others.length > 0) broken.push(`${dir} was published more than once: ${others.join(', ')}`);
  for (const { path, sha256 } of manifest.files) {
    const data = await readFile(join(dir, path)).catch(() => Buffer.from(''));
    if (createHash('sha256').update(data).digest('hex') !== sha256)
      broken.push(`${join(dir, path)} is not what was published`);
  }
  return manifest;
}

async function checkBytes(models: string, videos: string, lora: string, steps: number): Promise<string[]> {
  const broken: string[] = [];
  const trained = await readFile(join(models, `checkpoint-${steps}.safetensors`), 'utf8').catch(() => 'absent');
  if (trained !== lora)
    broken.push(`the LoRA in ${models} is ${trained.slice(0, 8)}, not ${lora.slice(0, 8)} as undisturbed`);
  for (const [name, content] of expectedVideos(lora)) {
    if ((await readFile(join(videos, name), 'utf8').catch(() => 'absent')) !== content)
      broken.push(`${join(videos, name)} is not as in an undisturbed trial`);
  }
  return broken;
}

function expectedVideos(lora: string): [string, string][] {
  return PROMPTS.flatMap(prompt =>
    [0, 1].map((number): [string, string] => [`${prompt}-${number}.mp4`, videoOf(lora, prompt, number, INFER_SEED)]),
  );
}

function meanScore(lora: string): number {
  const scores = expectedVideos(lora).map(([, video]) => scoreOf(video));
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

function* oneAtATime(played: readonly Played[]): Generator<string> {
  for (const [i, one] of played.entries()) {
    const next = played[i + 1];
    if (next && next.started < one.last - CLOCK_SECONDS)
      yield `processes ${one.pid} and ${next.pid} worked at the same time, for ${(one.last - next.started).toFixed(2)} s`;
  }
}

/** Every process does step after step, from a state that an undisturbed training has at that step; the last one to the end. */
function* checkSteps(played: readonly Played[], chain: readonly string[]): Generator<string> {
  for (const { pid, from, steps } of played) {
    for (const [i, { step, digest }] of steps.entries()) {
      if (step !== from + i + 1) yield `process ${pid} did step ${step} after ${from + i}`;
      else if (digest !== chain[step])
        yield `process ${pid} was in another state at step ${step} than an undisturbed training`;
    }
  }
  const done = new Set(played.flatMap(({ steps }) => steps.map(({ step }) => step)));
  for (let step = 1; step < chain.length; step += 1) if (!done.has(step)) yield `step ${step} was never done`;
}

/** Steps that each process had done and the next one did again. */
export function lostOf(played: readonly Played[]): number[] {
  return played.slice(1).map(({ from }, i) => {
    const before = played[i]!;
    return Math.max(0, (before.steps.at(-1)?.step ?? before.from) - from);
  });
}

/** metrics.jsonl of all epochs has each step that a process did once; a process killed between doing and telling may lack its last. */
async function checkMetrics(dir: string, played: readonly Played[]): Promise<string[]> {
  const segments = new Map<string, number[]>();
  const epochs = (await readdir(dir)).filter(name => /^epoch-\d+$/.test(name));
  for (const epoch of epochs.sort((a, b) => Number(a.slice(6)) - Number(b.slice(6)))) {
    const text = await readFile(join(dir, epoch, 'metrics.jsonl'), 'utf8').catch(() => '');
    for (const line of text.split('\n').filter(Boolean)) {
      const { segment, step, loss } = JSON.parse(line) as { segment: number; step?: number; loss?: number };
      if (step === undefined || loss === undefined) continue;
      const id = `${epoch}, segment ${segment}`;
      segments.set(id, [...(segments.get(id) ?? []), step]);
    }
  }
  const told = [...segments];
  const worked = played.filter(({ steps }) => steps.length > 0).map(({ steps }) => steps.map(({ step }) => step));
  return worked.flatMap((steps, i) => {
    const [name, lines] = told.shift() ?? ['none', []];
    const last = i === worked.length - 1;
    if (lines.join() === steps.join() || (!last && lines.join() === steps.slice(0, -1).join())) return [];
    if (!last && steps.length === 1 && lines.length > 0) {
      // It did one step and died before telling it: the lines are the next process's.
      told.unshift([name, lines]);
      return [];
    }
    return [`metrics of ${name} have steps ${spans(lines)}, the process did ${spans(steps)}`];
  });
}

/** `1–7, 5–9`. */
function spans(steps: readonly number[]): string {
  const found: [number, number][] = [];
  for (const step of steps) {
    const last = found.at(-1);
    if (last && step === last[1] + 1) last[1] = step;
    else found.push([step, step]);
  }
  return found.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(', ') || 'none';
}
