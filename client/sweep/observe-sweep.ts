// What the server and the sweep's workflow know of a sweep now, as one snapshot.
import type { Leaderboard, SweepResult } from '../../plan/protocol.ts';
import { trialIdOf } from '../../plan/trial-of.ts';
import type { Server } from '../connect.ts';
import { controlWorker, endOf, orLast, runningActivity } from '../observe.ts';
import { runningActivityOf } from '../running-activity.ts';
import { isOpen, type RunningActivity } from '../snapshot.ts';
import { type Described, known } from '../trials.ts';
import { endedOnDisk } from './sweep-on-disk.ts';
import type { RunningTrial, SweepSnapshot } from './sweep-snapshot.ts';
import { standingOf } from './sweeps.ts';

const MOST_RUNNING = 8;
/** Events that a worker replays in about a second, before it answers for a sweep that has ended. */
const LONG_HISTORY = 1_000;

/**
 * One look at a sweep. `last` is what was seen before: it stays where nothing newer is to be had. `described`: what the server has just said of it.
 * @throws CommandFailure when there is no such sweep.
 */
export async function observeSweep(
  server: Server,
  id: string,
  last: SweepSnapshot | null = null,
  described?: Described,
): Promise<SweepSnapshot> {
  const handle = server.client.workflow.getHandle(id);
  const description = described ?? (await known(server, id, () => handle.describe(), 'sweep'));
  const { name: status } = description.status;
  const open = isOpen(status);
  const end = open ? { result: null, failure: null } : await endOf<SweepResult>(server, id, status);
  const { board, decisions } =
    (description.historyLength > LONG_HISTORY && end.result && (await endedOnDisk(id, end.result))) ||
    (await known(server, id, () => standingOf(server, id), 'sweep'));
  const activities = (description.raw.pendingActivities ?? []).map(runningActivity);
  const newest = board ?? last?.board ?? null;
  return {
    id,
    ui: server.ui && `${server.ui}/${encodeURIComponent(id)}`,
    status,
    startedAt: newest?.startedAt ?? last?.startedAt ?? description.startTime.getTime(),
    closedAt: open ? null : (description.closeTime?.getTime() ?? Date.now()),
    board: newest,
    decisions: decisions ?? last?.decisions ?? [],
    running: open && newest ? await runningTrials(server, newest) : [],
    result: end.result,
    failure: end.failure?.message ?? null,
    waitingFor: open && !board ? await silence(server, activities) : null,
    trouble: null,
    now: Date.now(),
  };
}

/** A look that survives a server that is away: then the last one, with what is the matter. */
export async function observeSweepOrWait(server: Server, id: string, last: SweepSnapshot): Promise<SweepSnapshot> {
  return await orLast(server, last, () => observeSweep(server, id, last));
}

/** Why no leaderboard is to be had: the sweep's file is still being read, or nobody does. */
async function silence(server: Server, activities: RunningActivity[]): Promise<string | null> {
  const opening = activities.find(({ type }) => type === 'openSweep');
  return opening ? opening.lastFailure : await controlWorker(server);
}

/** What some of the trials that run are at; of those that the server does not tell of just now, no progress. */
async function runningTrials(server: Server, { sweep, trials }: Leaderboard): Promise<RunningTrial[]> {
  const running = trials.filter(({ status }) => status === 'running').sort((a, b) => a.trial - b.trial);
  return await Promise.all(
    running.slice(0, MOST_RUNNING).map(async trial => ({
      trial,
      activity: await runningActivityOf(server, trialIdOf(sweep, trial.trial)),
    })),
  );
}
