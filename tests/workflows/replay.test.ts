import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import proto from '@temporalio/proto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../activities/runtime/paths.ts';
import { historyOf, SCENARIOS } from '../support/scenarios.ts';
import { SWEEP_SCENARIOS, sweepHistoriesOf } from '../support/sweep-scenarios.ts';
import { timeSkipping, workflowBundle } from '../support/time-skipping.ts';

const { History } = proto.temporal.api.history.v1;
const folder = join(packageRoot(), 'tests', 'histories');
/** `DJ_SANDBOX_RECORD=<version> npm run unit -- tests/workflows/replay.test.ts` saves the histories of a version that is released. */
const record = process.env.DJ_SANDBOX_RECORD;

describe('histories of released versions', () => {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.json'));

  it('are there, of every branch of the workflow', () => {
    const saved = new Set(names.map(name => basename(name, '.json')));
    for (const name of [...Object.keys(SCENARIOS), ...Object.keys(SWEEP_SCENARIOS)]) expect(saved).toContain(name);
  });

  it.each(names)('%s replays: a trial of that version goes on with this one', async name => {
    const history = History.fromObject(JSON.parse(readFileSync(join(folder, name), 'utf8')));
    await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history, idOf(name));
  });
});

describe('a fresh history', () => {
  let environment: TestWorkflowEnvironment;
  beforeAll(async () => {
    environment = await timeSkipping();
  });
  afterAll(() => environment.teardown());

  it.each(Object.keys(SCENARIOS))('of %s replays', async name => {
    await replays(name, await historyOf(environment, name));
  });

  it.each(Object.keys(SWEEP_SCENARIOS))('of a %s and its trials replays', async name => {
    for (const [each, history] of Object.entries(await sweepHistoriesOf(environment, name)))
      await replays(each, history);
  });
});

/** The id that a scenario's workflow has: a sweep names its trials after itself. */
function idOf(name: string): string {
  return basename(name, '.json');
}

/** Replays a history, and saves it where that is asked for. */
async function replays(name: string, history: Awaited<ReturnType<typeof historyOf>>): Promise<void> {
  await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history, idOf(name));
  if (!record) return;
  const into = join(folder, record);
  if (!existsSync(into)) mkdirSync(into, { recursive: true });
  writeFileSync(join(into, `${name}.json`), `${saved(history)}\n`);
}

/** A history as JSON, without the path of this checkout (stack traces hold it). */
function saved(history: Parameters<typeof History.create>[0]): string {
  for (const event of history?.events ?? []) {
    const failures = [
      event.workflowExecutionFailedEventAttributes?.failure,
      event.activityTaskFailedEventAttributes?.failure,
      event.childWorkflowExecutionFailedEventAttributes?.failure,
    ];
    for (let failure of failures) for (; failure; failure = failure.cause) failure.stackTrace = '';
  }
  return JSON.stringify(History.create(history).toJSON());
}
