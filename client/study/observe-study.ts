// What the server and the study's workflow know of a study now, as one snapshot.
import type { StudyResult, StudyTable } from '../../plan/protocol.ts';
import type { Server } from '../connect.ts';
import { controlWorker, endOf, orLast } from '../observe.ts';
import { runningActivityOf } from '../running-activity.ts';
import { isOpen, type RunningActivity } from '../snapshot.ts';
import { known, queryTrial } from '../trials.ts';

const MOST_RUNNING = 8;

/** Everything that is known of a study at one moment. */
export interface StudySnapshot {
  id: string;
  /** Its page in the Web UI, where there is one. */
  ui: string | null;
  /** The workflow's own status: RUNNING, COMPLETED, FAILED, … */
  status: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
  closedAt: number | null;
  /** Null while no control worker answers, and before the study's file is read. */
  table: StudyTable | null;
  /** Some of the trials that run: ids, and what each does. */
  running: { id: string; activity: RunningActivity | null }[];
  /** What a study that ended by itself or by hand returned. */
  result: StudyResult | null;
  /** Why the study failed. */
  failure: string | null;
  /** What is in the way: no control worker, or a server that does not answer. */
  trouble: string | null;
  /** Milliseconds since the epoch. */
  now: number;
}

/**
 * One look at a study. `last` is what was seen before: it stays where nothing newer is to be had.
 * @throws CommandFailure when there is none of that id.
 */
export async function observeStudy(
  server: Server,
  id: string,
  last: StudySnapshot | null = null,
): Promise<StudySnapshot> {
  const handle = server.client.workflow.getHandle(id);
  const [description, table] = await known(server, id, () =>
    Promise.all([handle.describe(), queryTrial<StudyTable>(server, id, 'table')]),
  );
  const { name: status } = description.status;
  const open = isOpen(status);
  const end = open ? { result: null, failure: null } : await endOf<StudyResult>(server, id, status);
  const newest = table ?? last?.table ?? null;
  const isReading = (description.raw.pendingActivities ?? []).length > 0;
  return {
    id,
    ui: server.ui && `${server.ui}/${encodeURIComponent(id)}`,
    status,
    // A study that continued as new began before its newest run.
    startedAt: Math.min(description.startTime.getTime(), newest?.startedAt ?? Infinity, last?.startedAt ?? Infinity),
    closedAt: open ? null : (description.closeTime?.getTime() ?? Date.now()),
    table: newest,
    running: open ? await runningTrials(server, id) : [],
    result: end.result,
    failure: end.failure?.message ?? null,
    trouble: open && !table && !isReading ? await controlWorker(server) : null,
    now: Date.now(),
  };
}

/** The trials of a study that the server lists as running, at most eight. */
async function runningTrials(server: Server, id: string): Promise<StudySnapshot['running']> {
  // Quotes in a study's id would end the text in the query.
  const parent = id.replaceAll("'", "''");
  const query = `ParentWorkflowId = '${parent}' AND ExecutionStatus = 'Running'`;
  const ids: string[] = [];
  try {
    for await (const { workflowId } of server.client.workflow.list({ query, pageSize: MOST_RUNNING })) {
      ids.push(workflowId);
      if (ids.length === MOST_RUNNING) break;
    }
  } catch {
    return [];
  }
  ids.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  return await Promise.all(ids.map(async trial => ({ id: trial, activity: await runningActivityOf(server, trial) })));
}

/** A look that survives a server that is away: then the last one, with what is the matter. */
export async function observeStudyOrWait(server: Server, id: string, last: StudySnapshot): Promise<StudySnapshot> {
  return await orLast(server, last, () => observeStudy(server, id, last));
}

/** The study's state in one word, also where no worker can be asked. */
export function studyStateOf({ status, result, table }: StudySnapshot): string {
  if (status === 'COMPLETED') return result?.state ?? 'done';
  if (status === 'FAILED' || status === 'TIMED_OUT') return 'failed';
  if (status === 'CANCELLED' || status === 'TERMINATED') return 'stopped';
  return table?.state ?? 'opening';
}
