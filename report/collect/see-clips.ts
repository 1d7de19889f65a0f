import { existsSync } from 'node:fs';
import { execa } from 'execa';
import { pythonFile, pythonOf } from '../../activities/runtime/paths.ts';
import type { Clip, ClipWish } from '../model/trial.ts';

export interface ClipOptions {
  /** Where clips that had to be converted are written. */
  folder: string;
  signal?: AbortSignal | undefined;
  onSeen?: (done: number) => void;
}

/** Those of set-up's environments that can read clips, the likeliest first. */
const ENVIRONMENTS = ['train', 'data-juicer'] as const;
const MOST_MS = 180_000;
const MOST_OUTPUT = 64_000_000;

/**
 * Looks at clips with python/report/clips.py. Those that it did not come to (it died, or took too long) are left out; null where no Python
 * environment is there that reads clips.
 */
export async function seeClips(
  wishes: readonly ClipWish[],
  options: ClipOptions,
): Promise<Record<string, Clip> | null> {
  const python = ENVIRONMENTS.map(pythonOf).find(path => existsSync(path));
  if (python === undefined) return null;
  const seen: Record<string, Clip> = {};
  let left = [...wishes];
  // A clip that takes its decoder down with it costs that clip, not those after it.
  while (left.length > 0 && !options.signal?.aborted) {
    const told = await seeSome(python, left, options);
    for (const clip of told) seen[clip.path] = clip;
    if (told.length === left.length) break;
    const next = left[told.length]!;
    seen[next.path] = { ...UNSEEN, problem: 'it cannot be read (its decoder died or took too long)' };
    left = left.slice(told.length + 1);
    options.onSeen?.(wishes.length - left.length);
  }
  return seen;
}

const UNSEEN: Clip = {
  bytes: null,
  poster: null,
  width: null,
  height: null,
  seconds: null,
  codec: null,
  converted: null,
  problem: null,
};

async function seeSome(
  python: string,
  wishes: readonly ClipWish[],
  { folder, signal, onSeen }: ClipOptions,
): Promise<(Clip & { path: string })[]> {
  const input = wishes.map(({ path, play }) => `${JSON.stringify({ path, play })}\n`).join('');
  const running = execa(python, [pythonFile('report', 'clips.py'), '--folder', folder], {
    input,
    timeout: MOST_MS,
    maxBuffer: MOST_OUTPUT,
    reject: false,
    stripFinalNewline: true,
    ...(signal && { cancelSignal: signal }),
  });
  let count = 0;
  running.stdout.on('data', (chunk: Buffer) => {
    count += chunk.toString().split('\n').length - 1;
    onSeen?.(count);
  });
  const { stdout } = await running;
  return stdout.split('\n').flatMap(line => clipOf(line) ?? []);
}

function clipOf(line: string): (Clip & { path: string }) | null {
  try {
    const told = JSON.parse(line) as Clip & { path: string };
    return { ...told, poster: told.poster === null ? null : `data:image/webp;base64,${told.poster}` };
  } catch {
    return null;
  }
}
