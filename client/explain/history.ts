// What the history of a trial's workflow tells of its jobs: attempts, and why they ended.
import { defaultPayloadConverter } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import type { Attempted } from '../../report/explain/attempted.ts';
import { withServer } from '../connect.ts';
import { observe } from '../observe.ts';
import type { Snapshot } from '../snapshot.ts';

const ANSWER_MS = 5_000;

export interface Asked {
  snapshot: Snapshot;
  attempted: Attempted[];
}

/** What the server knows of a trial; null with the reason where it does not answer or knows none of that id. */
export async function askHistory(id: string): Promise<Asked | string> {
  try {
    return await withServer(async server => {
      const snapshot = await observe(server, id);
      const history = await server.client.connection.withDeadline(Date.now() + ANSWER_MS, () =>
        server.client.workflow.getHandle(id).fetchHistory(),
      );
      return { snapshot, attempted: attemptsIn(history) };
    });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

type Event = temporal.api.history.v1.IHistoryEvent;

/** The activities that worked on jobs, in the order in which they were asked for. */
export function attemptsIn({ events }: temporal.api.history.v1.IHistory): Attempted[] {
  const byEvent = new Map<string, Attempted>();
  for (const event of events ?? []) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) {
      const ref = refOf(scheduled.input?.payloads?.[0]);
      const activity = scheduled.activityType?.name ?? '';
      if (ref) byEvent.set(String(event.eventId), { ...ref, activity, attempt: 1, ended: null, why: null });
      continue;
    }
    const started = event.activityTaskStartedEventAttributes;
    const of = byEvent.get(String(started?.scheduledEventId ?? endedOf(event)?.scheduledEventId ?? ''));
    if (!of) continue;
    if (started) {
      of.attempt = started.attempt ?? 1;
      of.why = started.lastFailure?.message ?? null;
    } else Object.assign(of, howEnded(event, of.why));
  }
  return [...byEvent.values()];
}

function refOf(
  payload: temporal.api.common.v1.IPayload | null | undefined,
): { job: string; part: string | null } | null {
  if (!payload) return null;
  try {
    const ref = defaultPayloadConverter.fromPayload<{ job?: unknown; part?: unknown }>(payload);
    return typeof ref?.job === 'string' ? { job: ref.job, part: typeof ref.part === 'string' ? ref.part : null } : null;
  } catch {
    return null;
  }
}

function endedOf(event: Event) {
  return (
    event.activityTaskCompletedEventAttributes ??
    event.activityTaskFailedEventAttributes ??
    event.activityTaskTimedOutEventAttributes ??
    event.activityTaskCanceledEventAttributes
  );
}

function howEnded(event: Event, before: string | null): Pick<Attempted, 'ended' | 'why'> {
  if (event.activityTaskCompletedEventAttributes) return { ended: 'done', why: before };
  const failed = event.activityTaskFailedEventAttributes;
  if (failed) return { ended: 'failed', why: innermost(failed.failure) ?? before };
  const timedOut = event.activityTaskTimedOutEventAttributes;
  if (timedOut) return { ended: 'timed out', why: innermost(timedOut.failure) ?? before };
  return { ended: 'cancelled', why: before };
}

function innermost(failure: temporal.api.failure.v1.IFailure | null | undefined): string | null {
  let message: string | null = null;
  for (let at = failure; at; at = at.cause) message = at.message || message;
  return message;
}
