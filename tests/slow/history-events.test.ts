// What it costs a trial's history to be seen: trackers, notifications, metrics and traces add no event at all; what tells the Web UI and `list` is counted.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import proto from '@temporalio/proto';
import { expect, test } from 'vitest';
import type { TrialInput } from '../../plan/protocol.ts';
import { otlpReceiver } from '../support/otlp-receiver.ts';
import { startRealSandbox } from '../support/real-sandbox.ts';

const LIMIT_MS = 300_000;
const { EventType } = proto.temporal.api.enums.v1;
const JOBS = 3;
const TRAIN = `
import sys
for step in range(1, 5):
    print(f'step={step}/4 loss={1 / step}', flush=True)
open(sys.argv[1] + '/weights', 'w').write('4')
`;

interface Counted {
  /** Events by type, but for those of activities and workflow tasks: how many of these there are depends on who waits for whom. */
  events: Record<string, number>;
  activities: Set<string>;
}

/** The history of a trial of three trainings; `watched`: with everything that follows it. */
async function historyOf(watched: boolean): Promise<Counted> {
  const receiver = watched ? await otlpReceiver() : null;
  const options = { metrics: watched, traces: receiver?.url ?? null };
  const sandbox = await startRealSandbox('cpu', 'none', [], options);
  try {
    const script = join(sandbox.folder, 'train.py');
    await writeFile(script, TRAIN);
    const job = (meta_name: string) => ({
      hook: 'TrainModelHook',
      meta_name,
      cache: false,
      resources: { tag: 'cpu', gpus: 0 },
      extra_configs: { type: 'command', argv: ['python3', script, '{output}'], log: 'key-value' },
    });
    const config = {
      project_name: 'watched',
      work_dir: join(sandbox.folder, 'work'),
      ...(watched && {
        trackers: ['tensorboard', { type: 'wandb', mode: 'offline' }],
        notify: [{ command: ['true'] }],
      }),
      execution_job_configs: Array.from({ length: JOBS }, (_, i) => job(`train-${i + 1}`)),
    };
    const input: TrialInput = { config, baseDir: sandbox.folder };
    const handle = await sandbox.client.workflow.start('sandboxTrial', {
      taskQueue: 'sandbox',
      workflowId: 'watched',
      args: [input],
    });
    await handle.result();
    if (receiver) await expect.poll(() => receiver.spans.length, { timeout: 60_000 }).toBeGreaterThan(0);
    const { events } = await handle.fetchHistory();
    const counted: Counted = { events: {}, activities: new Set() };
    for (const { eventType, activityTaskScheduledEventAttributes: scheduled } of events ?? []) {
      const name = EventType[eventType!].replace('EVENT_TYPE_', '');
      if (scheduled) counted.activities.add(scheduled.activityType!.name!);
      if (!/^(ACTIVITY|WORKFLOW)_TASK_/.test(name)) counted.events[name] = (counted.events[name] ?? 0) + 1;
    }
    return counted;
  } finally {
    await sandbox.stop();
    await receiver?.close();
  }
}

test(
  'trackers, notifications, metrics and traces add none; search attributes add one a job and one at the end',
  async () => {
    const watched = await historyOf(true);
    const alone = await historyOf(false);
    const expected = {
      WORKFLOW_EXECUTION_STARTED: 1,
      UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: JOBS + 1,
      WORKFLOW_EXECUTION_COMPLETED: 1,
    };
    expect(watched.events).toEqual(expected);
    expect(alone.events).toEqual(expected);
    // The last two are of trials that wait, for a worker that is slow to come.
    const known = [
      'compileTrial',
      'claimJob',
      'train.command',
      'reapJob',
      'finishIteration',
      'tagStatus',
      'awaitWorker',
    ];
    expect([...watched.activities, ...alone.activities].filter(name => !known.includes(name))).toEqual([]);
  },
  LIMIT_MS,
);
