import { setTimeout as sleep } from 'node:timers/promises';
import { ChaosSandbox, type SandboxOptions } from './chaos-sandbox.ts';

const LIMIT_MS = 480_000;

/** How a scenario ended. */
export interface Outcome {
  /** Sentences; empty where all is as it must be. */
  broken: string[];
  seconds: number;
  /** Where a broken one's sandbox is left. */
  folder: string | null;
}

/** Starts a sandbox, lets `work` happen in it, and ends it. `work` returns what is broken; trials that hang are told where. */
export async function inSandbox(
  options: SandboxOptions,
  trials: readonly string[],
  work: (chaos: ChaosSandbox) => Promise<string[]>,
): Promise<Outcome> {
  const start = Date.now();
  const chaos = await ChaosSandbox.start(options);
  const broken: string[] = [];
  // A request that is tried again after its connection was closed throws where nobody can catch it.
  process.on('uncaughtException', error => {
    if (error.message !== 'Channel has been shut down') throw error;
  });
  try {
    const hanging = sleep(LIMIT_MS, undefined, { ref: false }).then(() => giveUp(chaos, trials));
    broken.push(...(await Promise.race([work(chaos), hanging])));
  } catch (error) {
    broken.push(sentences(error));
  }
  broken.push(...(await chaos.stop(broken.length > 0)));
  const folder = broken.length > 0 ? chaos.folder : null;
  return { broken: [...new Set(broken)], seconds: (Date.now() - start) / 1000, folder };
}

/** Waits for something, asking again and again. Throws an Error that says what did not come. */
export async function until<T>(what: string, ask: () => Promise<T | null | false>, withinMs = 240_000): Promise<T> {
  for (const end = Date.now() + withinMs; Date.now() < end; await sleep(10)) {
    const found = await ask();
    if (found !== null && found !== false) return found;
  }
  throw new Error(`${what} did not come within ${withinMs / 1000} s`);
}

async function giveUp(chaos: ChaosSandbox, trials: readonly string[]): Promise<never> {
  const where = await Promise.all(
    trials.map(async id => {
      const progress = await chaos.progressOf(id);
      const jobs = progress?.jobs.map(job => `${job.id} ${job.state}`).join(', ');
      return `${id}: ${progress?.state ?? 'no answer'} (${progress?.waitingFor ?? jobs})`;
    }),
  );
  throw new Error(`not done after ${LIMIT_MS / 1000} s: ${where.join('; ')}`);
}

/** An error with its causes. */
export function sentences(error: unknown): string {
  const texts: string[] = [];
  for (let one = error; one instanceof Error; one = one.cause) texts.push(one.message);
  return texts.join(': ') || String(error);
}
