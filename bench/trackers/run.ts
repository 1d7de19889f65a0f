import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { execa } from 'execa';
import { CONTROL_QUEUE, type TrialInput, type TrialResult } from '../../plan/protocol.ts';
import { inPackage } from '../../setup/places.mjs';
import { startRealSandbox } from '../../tests/support/real-sandbox.ts';
import type { RunBench } from '../bench.ts';
import { median } from '../median.ts';
import { table } from '../table.ts';

const STEPS = 3_000;
const REPEATS = 5;
const KINDS: Record<string, (string | { type: string; mode: string })[]> = {
  none: [],
  tensorboard: ['tensorboard'],
  'wandb offline': [{ type: 'wandb', mode: 'offline' }],
  mlflow: ['mlflow'],
  'all three': [{ type: 'wandb', mode: 'offline' }, 'mlflow', 'tensorboard'],
};

/** What trackers cost a training that tells 1,000 metrics a second for half a minute: its own wall time, kinds taking turns. */
export const run: RunBench = async (_args, say) => {
  const train = inPackage('bench', 'trackers', 'train.py');
  const { stdout } = await execa('python3', [train, '--measure']);
  const work = Number(stdout);
  const sandbox = await startRealSandbox('cpu');
  const seconds: Record<string, number[]> = Object.fromEntries(Object.keys(KINDS).map(kind => [kind, []]));
  try {
    for (let repeat = 1; repeat <= REPEATS; repeat++) {
      for (const [kind, trackers] of Object.entries(KINDS)) {
        say(`${kind}, ${repeat} of ${REPEATS}`);
        const config = configOf(sandbox.folder, trackers, train, [STEPS, work], `${kind} ${repeat}`);
        seconds[kind]!.push(await secondsOf(sandbox.client, { config, baseDir: sandbox.folder }));
      }
    }
  } finally {
    await sandbox.stop();
  }
  const base = median(seconds['none']!);
  const rows = Object.entries(seconds).map(([kind, found]) => {
    const middle = median(found);
    return { kind, seconds: middle, overhead: middle / base - 1 };
  });
  return {
    figures: { steps: STEPS, repeats: REPEATS, rows },
    text: table(
      ['trackers', 'training, s (median)', 'to none'],
      rows.map(({ kind, seconds: s, overhead }) => [kind, s.toFixed(2), `${(100 * overhead).toFixed(1)}%`]),
    ),
  };
};

function configOf(folder: string, trackers: unknown[], train: string, numbers: number[], name: string) {
  const [steps = 0, work = 0] = numbers;
  return {
    project_name: 'bench',
    experiment_name: name,
    work_dir: join(folder, 'work'),
    trackers,
    execution_job_configs: [
      {
        hook: 'TrainModelHook',
        meta_name: 'train',
        cache: false,
        resources: { tag: 'cpu', gpus: 0 },
        extra_configs: {
          type: 'command',
          argv: ['python3', train, '{output}', '{steps}', '{work}', '{result}'],
          parameters: { steps, work },
          result: 'result.json',
          log: 'key-value',
          metrics: Array.from({ length: 9 }, (_, n) => `m${n}`),
        },
      },
    ],
  };
}

async function secondsOf(client: Client, input: object): Promise<number> {
  const { metrics } = await client.workflow.execute<(input: TrialInput) => Promise<TrialResult>>('sandboxTrial', {
    taskQueue: CONTROL_QUEUE,
    workflowId: `bench-${randomUUID()}`,
    args: [input as TrialInput],
  });
  return metrics['train.seconds']!;
}
