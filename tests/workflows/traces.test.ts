// Traces may not change what a workflow does: a trial that began on a worker with --traces goes on without, and the other way round.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type {
  OpenTelemetrySinks,
  SerializableSpan,
} from '@temporalio/interceptors-opentelemetry/lib/workflow/definitions.js';
import proto from '@temporalio/proto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { type InjectedSinks, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { packageRoot } from '../../activities/runtime/paths.ts';
import { historyOf } from '../support/scenarios.ts';
import { sweepHistoriesOf } from '../support/sweep-scenarios.ts';
import { timeSkipping, workflowBundle } from '../support/time-skipping.ts';

type History = Awaited<ReturnType<typeof historyOf>>;

const { History: Histories } = proto.temporal.api.history.v1;
/** A replay calls none, but misses those that are not there. */
const NO_SINKS: InjectedSinks<OpenTelemetrySinks> = { exporter: { export: { fn: () => {} } } };
const folder = join(packageRoot(), 'tests', 'histories');

const replay = async (history: History, id: string, traced: boolean) =>
  await Worker.runReplayHistory({ workflowBundle: await workflowBundle(traced), sinks: NO_SINKS }, history, id);

test('a worker with traces goes on with histories of all versions, which were made without', async () => {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.json'));
  const histories = names.map(name => ({
    workflowId: basename(name, '.json'),
    history: Histories.fromObject(JSON.parse(readFileSync(join(folder, name), 'utf8'))),
  }));
  const failed: unknown[] = [];
  const options = { workflowBundle: await workflowBundle(true), sinks: NO_SINKS };
  for await (const { workflowId, error } of Worker.runReplayHistories(options, histories))
    if (error) failed.push([workflowId, error.message]);
  expect(names.length).toBeGreaterThan(40);
  expect(failed).toEqual([]);
});

describe('a worker without traces', () => {
  let environment: TestWorkflowEnvironment;
  const spans: SerializableSpan[] = [];
  const sinks: InjectedSinks<OpenTelemetrySinks> = {
    exporter: { export: { fn: (_, told) => void spans.push(...told) } },
  };
  const traced = async () => ({ workflowBundle: await workflowBundle(true), sinks });
  beforeAll(async () => {
    environment = await timeSkipping();
  });
  afterAll(() => environment.teardown());

  it.each(['claims-and-parts', 'held-and-resumed', 'paused-while-claiming'])(
    'goes on with a trial that was made with them: %s',
    async name => {
      spans.length = 0;
      const history = await historyOf(environment, name, await traced());
      expect(spans.map(span => span.name)).toContain('RunWorkflow:sandboxTrial');
      expect(new Set(spans.map(span => span.spanContext.traceId)).size).toBe(1);
      await replay(history, name, false);
      await replay(history, name, true);
    },
  );

  it('goes on with a sweep and its trials that were made with them; they are one trace', async () => {
    spans.length = 0;
    const histories = await sweepHistoriesOf(environment, 'sweep-with-rungs', await traced());
    for (const [name, history] of Object.entries(histories)) {
      await replay(history, name, false);
      await replay(history, name, true);
    }
    expect(new Set(spans.map(span => span.spanContext.traceId)).size).toBe(1);
    const trials = spans.filter(span => span.name === 'RunWorkflow:sandboxTrial');
    const starts = spans.filter(span => span.name === 'StartChildWorkflow:sandboxTrial');
    expect(trials.length).toBeGreaterThan(1);
    for (const { parentSpanId } of trials)
      expect(starts.map(start => start.spanContext.spanId)).toContain(parentSpanId);
  });
});
