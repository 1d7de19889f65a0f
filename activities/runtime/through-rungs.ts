// A program of a job that tells its sweep how it goes: it stops at each rung, or is told of as it passes them.
import { realpath } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { JobRef } from '../../plan/protocol.ts';
import { ProgramHeld } from './end-reason.ts';
import type { RunProgramOptions } from './program.ts';
import { programDir } from './program-dir.ts';
import type { ProgramEnd, ProgramSpec } from './program-spec.ts';
import { type RungJob, rungReport } from './rung-report.ts';
import { stepValues } from './step-values.ts';
import { type ExitRecord, liveSupervisor, readRecord, supervisorFiles } from './supervisor-files.ts';
import { newestWhole } from './whole-checkpoints.ts';

const AGAIN_MS = 5_000;

type Run = (options: RunProgramOptions) => Promise<ProgramEnd>;

/**
 * Runs a job's program by `run`. Where it is the first program of a training that waits at rungs: throws ProgramHeld with the rung once that
 * is reached, without starting it where it has been as far already. Where it does not wait: tells the sweep of each rung.
 */
export async function throughRungs(
  spec: ProgramSpec,
  ref: JobRef,
  client: Client,
  options: RunProgramOptions,
  run: Run,
): Promise<ProgramEnd> {
  const { rungs, sweep } = ref;
  if (!rungs || !sweep) return await run(options);
  const dir = await programDir(options.dir, spec);
  if (dir !== (await realpath(options.dir))) return await run(options);
  const job = { rungs, sweep };
  if (rungs.waits && spec.checkpoints) return await toNextRung(spec, job, dir, options, run);
  return await telling(job, dir, client, options, run);
}

async function toNextRung(
  spec: ProgramSpec,
  job: RungJob,
  dir: string,
  options: RunProgramOptions,
  run: Run,
): Promise<ProgramEnd> {
  const { steps, passed, metric } = job.rungs;
  const until = steps[passed];
  if (until === undefined) return await run(options);
  const { metrics, exit } = supervisorFiles(dir);
  const atRung = async (name: string | null, step: number | null) =>
    new ProgramHeld(name, step, await rungReport(job, passed, metrics));
  // A step is over when the next one has begun, or when it was saved.
  const isPast = async (saved: number | null) =>
    (saved ?? 0) >= until || (await stepValues(metrics, metric)).steps > until;
  const ended = (await liveSupervisor(dir)) ? null : await readRecord<ExitRecord>(exit);
  if (!ended?.final && !(await liveSupervisor(dir))) {
    const newest = await newestWhole(spec.checkpoints!.dir);
    if (await isPast(newest?.step ?? null)) throw await atRung(newest?.name ?? null, newest?.step ?? null);
  }
  try {
    return await run({ ...options, until });
  } catch (error) {
    if (error instanceof ProgramHeld && (await isPast(error.step))) throw await atRung(error.checkpoint, error.step);
    throw error;
  }
}

async function telling(
  job: RungJob,
  dir: string,
  client: Client,
  options: RunProgramOptions,
  run: Run,
): Promise<ProgramEnd> {
  const { signal, onProgress = () => {} } = options;
  const { metrics } = supervisorFiles(dir);
  const { steps } = job.rungs;
  let next = 0;
  let told: Promise<void> = Promise.resolve();
  /** One after another, in order. */
  const tellUpTo = (isOver: (step: number) => boolean) => {
    for (; next < steps.length && isOver(steps[next]!); next += 1) {
      const rung = next;
      told = told.then(() => tellRung(job, rung, metrics, client, signal));
      told.catch(() => {});
    }
  };
  const end = await run({
    ...options,
    onProgress: progress => {
      onProgress(progress);
      // Not yet at the step itself: its line may still show what the one before came to.
      tellUpTo(step => (progress.step ?? 0) > step);
    },
  });
  const { steps: all } = await stepValues(metrics, job.rungs.metric);
  tellUpTo(step => all >= step);
  await told;
  return end;
}

/** Until the server has taken it; the sweep hears the same thing again where another attempt of the job goes on. */
async function tellRung(
  job: RungJob,
  rung: number,
  metrics: string,
  client: Client,
  signal: AbortSignal,
): Promise<void> {
  const report = await rungReport(job, rung, metrics);
  for (;;) {
    signal.throwIfAborted();
    try {
      return await client.workflow.getHandle(job.sweep.id).signal('trialReport', report);
    } catch (error) {
      // Nobody is left who could want to know.
      if (error instanceof WorkflowNotFoundError) return;
    }
    await sleep(AGAIN_MS, undefined, { signal });
  }
}
