import { safeName } from '../../activities/runtime/safe-name.ts';
import { withServer } from '../connect.ts';
import { reason } from '../trials.ts';

/** A trial that has just begun may not be in the server's list yet. */
const JUST_BEGUN_MS = 10 * 60_000;

export interface OpenTrials {
  /** Whether a trial, by its folder's name, may still go on. */
  goesOn: (trial: string) => boolean;
  /** What the user should know of this answer; null where nothing. */
  note: string | null;
}

/** Which trials may go on, as the server says; where none answers, all of them may. `plannedAt`: when each was last planned. */
export async function openTrials(plannedAt: ReadonlyMap<string, number>, now = Date.now()): Promise<OpenTrials> {
  try {
    const listed = await listedTrials(now - JUST_BEGUN_MS);
    return { goesOn: trial => mayGoOn(listed.get(trial), plannedAt.get(trial) ?? 0, now), note: null };
  } catch (error) {
    const note = `which trials go on is not known (${reason(error)}): what any trial's plan names stays`;
    return { goesOn: () => true, note };
  }
}

/** `closedAt`: when the newest run of a trial ended, null where it goes on; undefined where the server lists none. All in milliseconds. */
export function mayGoOn(closedAt: number | null | undefined, plannedAt: number, now: number): boolean {
  if (closedAt === null) return true;
  return now - plannedAt < JUST_BEGUN_MS && (closedAt === undefined || closedAt < plannedAt);
}

/** By folder name: when trials ended that began after `since`, and null for all that go on. */
async function listedTrials(since: number): Promise<Map<string, number | null>> {
  return await withServer(async server => {
    const listed = new Map<string, number | null>();
    const open = `ExecutionStatus = 'Running' OR StartTime > '${new Date(since).toISOString()}'`;
    const query = `WorkflowType = 'sandboxTrial' AND (${open})`;
    for await (const { workflowId, closeTime } of server.client.workflow.list({ query, pageSize: 1000 })) {
      const name = safeName(workflowId);
      const before = listed.get(name);
      if (before === null) continue;
      listed.set(name, closeTime ? Math.max(closeTime.getTime(), before ?? 0) : null);
    }
    return listed;
  });
}
