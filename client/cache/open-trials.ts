import { safeName } from '../../activities/runtime/safe-name.ts';
import { connect } from '../connect.ts';
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
    const open = await openAtServer();
    return { goesOn: trial => open.has(trial) || now - (plannedAt.get(trial) ?? 0) < JUST_BEGUN_MS, note: null };
  } catch (error) {
    const note = `which trials go on is not known (${reason(error)}): what any trial's plan names stays`;
    return { goesOn: () => true, note };
  }
}

async function openAtServer(): Promise<Set<string>> {
  const server = await connect();
  try {
    const open = new Set<string>();
    const query = "WorkflowType = 'sandboxTrial' AND ExecutionStatus = 'Running'";
    for await (const info of server.client.workflow.list({ query, pageSize: 1000 }))
      open.add(safeName(info.workflowId));
    return open;
  } finally {
    await server.close();
  }
}
