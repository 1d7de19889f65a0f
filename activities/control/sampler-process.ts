import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { clip } from '../../plan/clip.ts';
import type { PastTrial } from '../../plan/sweep/sampler-history.ts';
import type { Axis } from '../../plan/sweep/unit-cube.ts';
import { JobFailure } from '../runtime/failure.ts';
import { pythonFile, pythonOf } from '../runtime/paths.ts';
import { programEnvironment } from '../runtime/program-environment.ts';

/** All points of one request; a Gaussian process of the most trials that it gets takes seconds for each. */
const TIMEOUT_MS = 10 * 60_000;
const STDERR_CHARS = 4_000;
const ERROR_CHARS = 1_000;

/** What python/samplers/suggest.py is asked with. */
export interface SamplerRequest {
  sampler: string;
  seed: number;
  directions: ('minimize' | 'maximize')[];
  space: Axis[];
  trials: PastTrial[];
  base_dir: string;
}

/** A sampler that answers for one request. */
export interface SamplerProcess {
  /** Coordinates of a trial's point; another attempt gives others. */
  ask: (trial: number, attempt: number) => Promise<number[]>;
  /** The trial that was asked for runs with this point. */
  take: (trial: number, point: number[]) => Promise<void>;
}

type Answer = { point: number[] } | { taken: number } | { error: string };

/**
 * Runs `work` with a Python process of our samplers' environment, which ends with it.
 *
 * @throws JobFailure where the sampler cannot answer, in a sentence; Error where the process was killed or took too long (worth a retry).
 */
export async function withSampler<T>(
  request: SamplerRequest,
  signal: AbortSignal | undefined,
  work: (sampler: SamplerProcess) => Promise<T>,
): Promise<T> {
  const python = pythonOf('samplers');
  if (!existsSync(python))
    throw new JobFailure(
      `sampler ${request.sampler} needs the Python environment samplers, and there is none at ${python}: run \`npm run setup\` (grid and random need none)`,
    );
  const child = execa(python, [pythonFile('samplers', 'suggest.py')], {
    env: { ...programEnvironment(), PYTHONHASHSEED: '0' },
    extendEnv: false,
    buffer: false,
    reject: false,
    timeout: TIMEOUT_MS,
    ...(signal && { cancelSignal: signal }),
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_CHARS);
  });
  // A write to a process that just died must not end the worker: its end is told below.
  child.stdin.on('error', () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const send = (message: object) => child.stdin.write(`${JSON.stringify(message)}\n`);
  const answer = async (): Promise<Exclude<Answer, { error: string }>> => {
    const { value, done } = await lines.next();
    if (done) throw died(request.sampler, await child, stderr);
    const read = JSON.parse(value) as Answer;
    if ('error' in read) throw new JobFailure(`sampler ${request.sampler}: ${clip(read.error, ERROR_CHARS)}`);
    return read;
  };
  send(request);
  try {
    return await work({
      ask: async (trial, attempt) => {
        send({ ask: trial, attempt });
        return ((await answer()) as { point: number[] }).point;
      },
      take: async (trial, point) => {
        send({ take: trial, point });
        await answer();
      },
    });
  } finally {
    child.stdin.end();
    child.kill();
    await child;
  }
}

function died(
  sampler: string,
  end: { exitCode?: number | undefined; signal?: string | undefined; timedOut: boolean; isCanceled: boolean },
  stderr: string,
): Error {
  const words = clip(stderr.trim().split('\n').at(-1) ?? '', ERROR_CHARS);
  if (end.timedOut) return new Error(`sampler ${sampler} gave no answer within ${TIMEOUT_MS / 60_000} minutes`);
  if (end.isCanceled) return new Error(`sampler ${sampler} was no longer needed`);
  if (end.signal) return new Error(`the process of sampler ${sampler} was ended by ${end.signal}`);
  return new JobFailure(`the process of sampler ${sampler} exited with code ${end.exitCode}: ${words}`);
}
