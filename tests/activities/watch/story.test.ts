import { defaultPayloadConverter } from '@temporalio/common';
import { expect, test } from 'vitest';
import { type HistoryEvent, StoryTeller } from '../../../activities/watch/story.ts';

const payload = (value: unknown) => defaultPayloadConverter.toPayload(value);
const payloads = (value: unknown) => ({ payloads: [payload(value)] });

/** Events of one run, numbered and dated. */
function history(...events: HistoryEvent[]): HistoryEvent[] {
  return events.map((event, i) => ({
    ...event,
    eventId: (i + 1) as never,
    eventTime: { seconds: (100 + i) as never, nanos: 0 },
  }));
}
const state = (value: string): HistoryEvent => ({
  upsertWorkflowSearchAttributesEventAttributes: {
    searchAttributes: { indexedFields: { SandboxState: payload(value), SandboxJob: payload('x') } },
  },
});
const began = (type: string, input: unknown): HistoryEvent => ({
  activityTaskScheduledEventAttributes: { activityType: { name: type }, input: payloads(input) },
});
const ended = (scheduled: number, result: unknown): HistoryEvent => ({
  activityTaskCompletedEventAttributes: { scheduledEventId: scheduled as never, result: payloads(result) },
});
const tell = (teller: StoryTeller, run: string, events: HistoryEvent[]) =>
  events.flatMap(event => teller.lines(run, event));

const compiled = (path: string, key: string) => ({ iteration: 1, plan: { path }, jobs: [{ id: 'p.1-a', key }] });
const ref = { plan: { path: '/plan-1' }, job: 'p.1-a', trial: { id: 't', runId: 'r' } };
const done = { job: 'p.1-a', key: 'k1', reused: false };

test('a trial is told as states, jobs, targets and its end; what repeats itself is told once', () => {
  const events = history(
    state('compiling'),
    began('compileTrial', { trial: ref.trial }),
    ended(2, compiled('/plan-1', 'k1')),
    state('running'),
    state('running'),
    began('claimJob', ref),
    ended(6, { claim: { host: 'h' } }),
    began('train.x', { ...ref, claim: {} }),
    ended(8, done),
    began('reapJob', ref),
    began('finishIteration', { plan: ref.plan }),
    ended(11, { targetsMet: true, targets: [{ target: 'p.a.s >= 1', value: 2, met: true }], iterValues: {} }),
    state('done'),
    { workflowExecutionCompletedEventAttributes: { result: payloads({ state: 'done' }) } },
  );
  const job = { run: 'r', iteration: 1, job: 'p.1-a', key: 'k1', plan: '/plan-1' };
  expect(tell(new StoryTeller(), 'r', events)).toEqual([
    { run: 'r', event: 1, t: 100, kind: 'state', state: 'compiling' },
    { run: 'r', event: 4, t: 103, kind: 'state', state: 'running' },
    { ...job, event: 6, t: 105, kind: 'job' },
    { ...job, event: 9, t: 108, kind: 'job-done', reused: false },
    { run: 'r', event: 12, t: 111, kind: 'targets', iteration: 1, targets: [{ target: 'p.a.s >= 1', value: 2 }] },
    { run: 'r', event: 14, t: 113, kind: 'end', state: 'done', why: null },
  ]);
});

test('a plan that was only compiled to see what a change would do is not taken for the one that runs', () => {
  const events = history(
    began('compileTrial', {}),
    ended(1, compiled('/plan-1', 'k1')),
    began('compileTrial', { changed: true }),
    ended(3, compiled('/plan-1-refused', 'k2')),
    began('train.x', ref),
  );
  expect(tell(new StoryTeller(), 'r', events)).toMatchObject([{ kind: 'job', key: 'k1' }]);
});

test('a result that was there is told by its claim', () => {
  const events = history(
    began('compileTrial', {}),
    ended(1, compiled('/plan-1', 'k1')),
    began('claimJob', ref),
    ended(3, { done: { ...done, reused: true } }),
  );
  expect(tell(new StoryTeller(), 'r', events).map(({ kind }) => kind)).toEqual(['job', 'job-done']);
});

test('a run that continues as new says which is next, and states that go on there are not told again', () => {
  const teller = new StoryTeller();
  const first = history(state('running'), {
    workflowExecutionContinuedAsNewEventAttributes: { newExecutionRunId: 'r2' },
  });
  expect(tell(teller, 'r', first)).toHaveLength(1);
  expect(teller.next).toBe('r2');
  expect(tell(teller, 'r2', history(state('running')))).toEqual([]);
});

test.each([
  [{ workflowExecutionFailedEventAttributes: { failure: { message: 'job x failed' } } }, 'failed', 'job x failed'],
  [{ workflowExecutionTerminatedEventAttributes: { reason: 'by hand' } }, 'stopped', 'it was terminated: by hand'],
  [{ workflowExecutionCanceledEventAttributes: {} }, 'stopped', 'it was cancelled'],
  [{ workflowExecutionTimedOutEventAttributes: {} }, 'failed', 'its time was over'],
] as [HistoryEvent, string, string][])('%o is told as an end', (event, end, why) => {
  expect(tell(new StoryTeller(), 'r', history(event))).toMatchObject([{ kind: 'end', state: end, why }]);
});
