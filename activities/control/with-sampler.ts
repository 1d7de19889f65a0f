import type { PastTrial } from '../../plan/sweep/sampler-history.ts';
import type { Axis } from '../../plan/sweep/unit-cube.ts';
import { JobFailure } from '../runtime/failure.ts';
import { SamplerDied, SamplerProcess } from './sampler-process.ts';

/** All points of one request; a Gaussian process of the most trials that it gets takes seconds for each. */
const TIMEOUT_MS = 10 * 60_000;
/** How long an idle process is kept for the next request. */
const IDLE_MS = 60_000;

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
export interface Sampler {
  /** Coordinates of a trial's point; another attempt gives others. */
  ask: (trial: number, attempt: number) => Promise<number[]>;
  /** The trial that was asked for runs with this point. */
  take: (trial: number, point: number[]) => Promise<unknown>;
}

let idle: { process: SamplerProcess; timer: NodeJS.Timeout } | null = null;

/**
 * Runs `work` with a sampler that knows the request's trials. Loading Optuna takes longer than most answers, so one process is kept for the next
 * request; it keeps nothing of the last one. A sampler of the user's own gets a process of its own.
 *
 * @throws JobFailure where the sampler cannot answer, in a sentence; Error where its process was killed or took too long (worth a retry).
 */
export async function withSampler<T>(
  request: SamplerRequest,
  signal: AbortSignal | undefined,
  work: (sampler: Sampler) => Promise<T>,
): Promise<T> {
  const isOwn = request.sampler.includes(':');
  let why: string | null = null;
  let process: SamplerProcess | null = null;
  const end = (reason: string) => {
    why ??= reason;
    process?.kill();
  };
  const abort = () => end('was no longer needed');
  const timer = setTimeout(() => end(`gave no answer within ${TIMEOUT_MS / 60_000} minutes`), TIMEOUT_MS);
  signal?.addEventListener('abort', abort);
  try {
    signal?.throwIfAborted();
    const mine = (isOwn ? null : takeIdle()) ?? new SamplerProcess();
    process = mine;
    await mine.ask({ study: request });
    const result = await work({
      ask: async (trial, attempt) => (await mine.ask<{ point: number[] }>({ ask: trial, attempt })).point,
      take: (trial, point) => mine.ask({ take: trial, point }),
    });
    if (isOwn) mine.end();
    else keepIdle(mine);
    return result;
  } catch (error) {
    process?.kill();
    if (error instanceof JobFailure)
      throw new JobFailure(`sampler ${request.sampler}: ${error.message}`, { cause: error });
    if (error instanceof SamplerDied)
      throw new Error(`sampler ${request.sampler}: its process ${why ?? error.message}`, { cause: error });
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

/** Ends the process that is kept; the next request starts another. */
export function endIdleSampler(): void {
  takeIdle()?.end();
}

function takeIdle(): SamplerProcess | null {
  if (idle === null) return null;
  const { process, timer } = idle;
  idle = null;
  clearTimeout(timer);
  process.hold(true);
  return process.isAlive ? process : null;
}

function keepIdle(process: SamplerProcess): void {
  if (idle?.process.isAlive) {
    process.end();
    return;
  }
  const timer = setTimeout(() => {
    if (idle?.process === process) idle = null;
    process.end();
  }, IDLE_MS);
  timer.unref();
  process.hold(false);
  idle = { process, timer };
}
