// What a run's history says of it, in order: all that trackers and notifications are told. The history is Temporal's, so that nothing is missed
// or told twice, whatever dies meanwhile, and no workflow does anything for it.
import { defaultPayloadConverter } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import { clip } from '../../plan/clip.ts';
import type { Json } from '../../plan/plan.ts';
import type {
  ClaimResult,
  CompileArgs,
  IterationEnd,
  JobDone,
  JobRef,
  SweepResult,
  TrialSkeleton,
} from '../../plan/protocol.ts';

export type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
type Payloads = temporal.api.common.v1.IPayloads | null | undefined;

/** Where in which history something was said: together they are its name for good. */
interface At {
  run: string;
  event: number;
  /** Seconds since 1970. */
  t: number;
}

/** A line of story.jsonl. */
export type StoryLine = At &
  (
    | { kind: 'state'; state: string }
    | { kind: 'job'; iteration: number; job: string; key: string; plan: string }
    | { kind: 'job-done'; iteration: number; job: string; key: string; plan: string; reused: boolean }
    | { kind: 'targets'; iteration: number; targets: { target: string; value: Json }[] }
    | { kind: 'end'; state: 'done' | 'failed' | 'stopped'; why: string | null }
  );

const WHY_CHARS = 1_000;
const NO_JOBS = new Set(['reapJob', 'holdJob']);

/** Tells the story event by event. `state`: what was told last, where an earlier process began it. */
export class StoryTeller {
  readonly #keys = new Map<string, string>();
  readonly #scheduled = new Map<string, { type: string; ref: Partial<JobRef> }>();
  #state: string;
  #iteration: number;
  #job: string | null;
  /** Run that this one continued as. */
  next: string | null = null;

  constructor({
    state = '',
    iteration = 1,
    job = null,
  }: { state?: string; iteration?: number; job?: string | null } = {}) {
    this.#state = state;
    this.#iteration = iteration;
    this.#job = job;
  }

  /** What is new with an event of run `run`. */
  lines(run: string, event: HistoryEvent): StoryLine[] {
    const at: At = { run, event: Number(event.eventId), t: secondsOf(event) };
    const attributes = event.upsertWorkflowSearchAttributesEventAttributes?.searchAttributes?.indexedFields;
    if (attributes?.['SandboxState']) return this.#stateLine(at, decoded(attributes['SandboxState']));
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) return this.#began(at, scheduled.activityType?.name ?? '', first(scheduled.input) ?? {});
    const completed = event.activityTaskCompletedEventAttributes;
    if (completed) {
      const began = this.#scheduled.get(String(completed.scheduledEventId));
      return began ? this.#ended(at, began, first(completed.result)) : [];
    }
    return this.#closed(at, event);
  }

  #stateLine(at: At, state: unknown): StoryLine[] {
    // The last word on a run is how its workflow ended.
    if (typeof state !== 'string' || state === this.#state || isEnd(state)) return [];
    this.#state = state;
    return [{ ...at, kind: 'state', state }];
  }

  #began(at: At, type: string, ref: Partial<JobRef & CompileArgs>): StoryLine[] {
    if (!NO_JOBS.has(type)) this.#scheduled.set(String(at.event), { type, ref });
    if (NO_JOBS.has(type) || typeof ref.job !== 'string' || !ref.plan) return [];
    const key = this.#keys.get(`${ref.plan.path}\0${ref.job}`);
    if (key === undefined || this.#job === ref.job) return [];
    this.#job = ref.job;
    return [{ ...at, kind: 'job', iteration: this.#iteration, job: ref.job, key, plan: ref.plan.path }];
  }

  #ended(at: At, { type, ref }: { type: string; ref: Partial<JobRef & CompileArgs> }, result: unknown): StoryLine[] {
    if (type === 'compileTrial') {
      const { iteration, jobs, plan } = result as TrialSkeleton;
      this.#iteration = iteration;
      // By plan: one that was compiled to see what a change would do may not be taken.
      for (const { id, key } of jobs) this.#keys.set(`${plan.path}\0${id}`, key);
      return [];
    }
    if (type === 'finishIteration') {
      const { targetsMet, targets } = result as IterationEnd;
      if (!targetsMet) return [];
      const met = targets.filter(each => each.met).map(({ target, value }) => ({ target, value }));
      return [{ ...at, kind: 'targets', iteration: this.#iteration, targets: met }];
    }
    if (typeof ref.job !== 'string' || !ref.plan || ref.part !== undefined) return [];
    const done =
      (type === 'claimJob' ? (result as { done?: JobDone } & ClaimResult).done : (result as JobDone)) ?? null;
    if (typeof done?.key !== 'string') return [];
    this.#job = null;
    const { job, key, reused } = done;
    return [{ ...at, kind: 'job-done', iteration: this.#iteration, job, key, plan: ref.plan.path, reused }];
  }

  #closed(at: At, event: HistoryEvent): StoryLine[] {
    const end = (state: 'done' | 'failed' | 'stopped', why?: string | null): StoryLine[] => [
      { ...at, kind: 'end', state, why: why ? clip(why, WHY_CHARS) : null },
    ];
    if (event.workflowExecutionContinuedAsNewEventAttributes) {
      this.next = event.workflowExecutionContinuedAsNewEventAttributes.newExecutionRunId ?? null;
      this.#scheduled.clear();
      return [];
    }
    if (event.workflowExecutionCompletedEventAttributes) {
      const result = first(event.workflowExecutionCompletedEventAttributes.result) as Partial<SweepResult> & {
        why?: string;
      };
      return end(result?.state === 'stopped' ? 'stopped' : 'done', result?.reason ?? result?.why);
    }
    if (event.workflowExecutionFailedEventAttributes)
      return end('failed', event.workflowExecutionFailedEventAttributes.failure?.message);
    if (event.workflowExecutionTimedOutEventAttributes) return end('failed', 'its time was over');
    if (event.workflowExecutionCanceledEventAttributes) return end('stopped', 'it was cancelled');
    if (event.workflowExecutionTerminatedEventAttributes)
      return end('stopped', `it was terminated: ${event.workflowExecutionTerminatedEventAttributes.reason ?? ''}`);
    return [];
  }
}

const isEnd = (state: string) => state === 'done' || state === 'failed' || state === 'stopped';

function secondsOf({ eventTime }: HistoryEvent): number {
  return Number(eventTime?.seconds ?? 0) + (eventTime?.nanos ?? 0) / 1e9;
}

function first(payloads: Payloads): Record<string, unknown> | null {
  const payload = payloads?.payloads?.[0];
  return payload ? (decoded(payload) as Record<string, unknown> | null) : null;
}

/** Null where it is in no encoding of ours: a codec of the user's own may keep it from us. */
function decoded(payload: temporal.api.common.v1.IPayload): unknown {
  try {
    return defaultPayloadConverter.fromPayload(payload);
  } catch {
    return null;
  }
}
