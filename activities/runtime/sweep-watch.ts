import { realpath } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { SweepEnded } from './end-reason.ts';
import { latestRun } from './latest-run.ts';
import { isInside, listSupervised } from './supervised.ts';
import { holdProgram } from './supervisor-client.ts';

const LOOK_MS = 30_000;
/** Sooner at first: a job that waited for another's may find that its sweep has ended meanwhile. Short jobs ask nothing. */
const FIRST_LOOK_MS = 2_000;
/** A program that was asked to save its state is ended after so long. */
const SAVING_MS = 60_000;

export interface SweepWatch {
  /** Aborted with `SweepEnded` when what runs for the sweep must end now. */
  signal: AbortSignal;
  /** What to say of the sweep once it is known to have ended: a program may still be saving its state. */
  ended: () => string | null;
  stop: () => void;
}

/**
 * Looks now and then whether a sweep that a job runs for still goes on. When it has ended, the program under `folder()` is asked to save its
 * state and to end; whatever still runs a minute later, or cannot save, is ended by the signal. A server that cannot be reached says nothing.
 */
export function watchSweep(
  client: Client,
  sweep: string | undefined,
  folder: () => string | null,
  { lookMs = LOOK_MS, savingMs = SAVING_MS } = {},
): SweepWatch {
  const controller = new AbortController();
  const stopping = new AbortController();
  const pause = (ms: number) => sleep(ms, undefined, { signal: stopping.signal, ref: false });
  let ended: string | null = null;
  const watch = async (id: string) => {
    await pause(Math.min(FIRST_LOOK_MS, lookMs));
    while (['open', 'unknown'].includes(await latestRun(client, id))) await pause(lookMs);
    ended = `its sweep ${id} has ended`;
    const place = folder();
    if (place !== null && (await askToSave(place).catch(() => false))) await pause(savingMs);
    controller.abort(new SweepEnded(ended));
  };
  // It only ever rejects because it was stopped.
  if (sweep !== undefined) void watch(sweep).catch(() => {});
  return { signal: controller.signal, ended: () => ended, stop: () => stopping.abort() };
}

/** Whether a program runs in the folder that can save its state, and was asked to. */
async function askToSave(folder: string): Promise<boolean> {
  const root = await realpath(folder);
  const program = (await listSupervised()).find(({ dir }) => isInside(dir, root));
  if (!program) return false;
  return ['asked', 'waits'].includes(await holdProgram(program.dir, program.supervisor.epoch));
}
