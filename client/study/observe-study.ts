// What the server and the study's workflow know of a study now, as one snapshot.
import type { StudyResult, StudyTable } from '../../plan/protocol.ts';
import type { Server } from '../connect.ts';
import { controlWorker, endOf, orLast } from '../observe.ts';
import { isOpen } from '../snapshot.ts';
import { known, queryTrial } from '../trials.ts';

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
    result: end.result,
    failure: end.failure?.message ?? null,
    trouble: open && !table && !isReading ? await controlWorker(server) : null,
    now: Date.now(),
  };
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
