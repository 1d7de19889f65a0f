import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { execa } from 'execa';
import { CONTROL_QUEUE, type TrialInput, type TrialResult } from '../../plan/protocol.ts';
import { inPackage } from '../../setup/places.mjs';
import { startRealSandbox } from '../../tests/support/real-sandbox.ts';
import type { RunBench } from '../bench.ts';
import { median } from '../median.ts';
import { cpuSeconds } from '../process-cpu.ts';
import { table } from '../table.ts';

const ROUNDS = 5;
const STEPS = 1_200;
const LOOK_MS = 1_000;
const MOST_LOOKS = 60;
/** Of a look: a program that waits looks for news now and then. */
const IDLE_SECONDS = 0.1;
type Trackers = (string | { type: string; mode: string })[];
const KINDS: Record<string, Trackers> = {
  none: [],
  tensorboard: ['tensorboard'],
  'wandb offline': [{ type: 'wandb', mode: 'offline' }],
  mlflow: ['mlflow'],
  'all three': [{ type: 'wandb', mode: 'offline' }, 'mlflow', 'tensorboard'],
};

/** What a training took in all, and how long of that it waited for a processor, seconds. */
interface Took {
  wall: number;
  waited: number;
}

/**
 * What trackers take from a training that tells 1,000 metrics a second for twelve seconds: of its time, the part in which it could have computed and had
 * no processor, as the kernel counts it. That is what they cost it, and unlike wall time it does not tell how fast the machine is at the moment;
 * wall time is beside it. Each round trains once with each kind, in another order each time, first with cores to spare and then with all of them
 * taken by the training; a kind is compared with the same round's training without trackers.
 */
export const run: RunBench = async (args, say) => {
  const rounds = Number(args[args.indexOf('--rounds') + 1] ?? 0) || ROUNDS;
  const cores = availableParallelism();
  const train = inPackage('bench', 'trackers', 'train.py');
  const { stdout } = await execa('python3', [train, '--measure']);
  const work = Number(stdout);
  const sandbox = await startRealSandbox('cpu');
  const kinds = Object.keys(KINDS);
  const taken = [1, cores];
  const took = taken.map(() => Object.fromEntries(kinds.map(kind => [kind, [] as Took[]])));
  try {
    const [control] = await sandbox.workers('--control');
    const once = async (kind: string, name: string, ofCores: number): Promise<Took> => {
      const config = configOf(sandbox.folder, KINDS[kind]!, train, [STEPS, work, ofCores - 1], name);
      await untilIdle(control!);
      return trained(sandbox.client, { config, baseDir: sandbox.folder });
    };
    // Files that are read and code that is compiled for the first time are nobody's cost.
    await once('all three', 'warm', 1);
    for (let round = 0; round < rounds; round += 1) {
      for (const kind of turned(kinds, round)) {
        for (const [i, ofCores] of taken.entries()) {
          say(`${kind}, ${ofCores} of ${cores} cores taken, round ${round + 1} of ${rounds}`);
          took[i]![kind]!.push(await once(kind, `${kind} ${round} ${i}`, ofCores));
        }
      }
    }
  } finally {
    await sandbox.stop();
  }
  const rows = taken.flatMap((ofCores, i) =>
    kinds.map(kind => rowOf(ofCores, kind, took[i]![kind]!, took[i]!['none']!)),
  );
  return {
    figures: { steps: STEPS, rounds, cores, rows: rows.map(row => ({ ...row })) },
    text: table(
      ['cores taken', 'trackers', 'waits for a processor', 'more than with none', 'wall time, to none'],
      rows.map(({ taken, kind, waits, more, wall }) => [
        `${taken} of ${cores}`,
        kind,
        spread(waits),
        ...(kind === 'none' ? ['', ''] : [spread(more), spread(wall)]),
      ]),
    ),
  };
};

/** The list, begun at another place: no kind always follows the same one. */
const turned = <T>(list: T[], by: number): T[] => list.map((_, i) => list[(i + by) % list.length]!);

function rowOf(taken: number, kind: string, of: Took[], none: Took[]) {
  const share = ({ waited, wall }: Took) => waited / wall;
  return {
    taken,
    kind,
    waits: of.map(share),
    more: of.map((took, i) => share(took) - share(none[i]!)),
    wall: of.map(({ wall }, i) => wall / none[i]!.wall - 1),
  };
}

const percent = (ratio: number) => (100 * ratio).toFixed(2);
const spread = (values: number[]) =>
  `${percent(median(values))}% (${percent(Math.min(...values))} to ${percent(Math.max(...values))})`;

/** Waits until the programs of a control worker's trackers rest: what they send of one trial is not to fall on the next. */
async function untilIdle(control: number): Promise<void> {
  let before = await childrenSeconds(control);
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    await sleep(LOOK_MS);
    const now = await childrenSeconds(control);
    if (now - before <= IDLE_SECONDS) return;
    before = now;
  }
  throw new Error('the trackers of a trial that has ended still compute: there is nothing to compare');
}

async function childrenSeconds(pid: number): Promise<number> {
  const { stdout } = await execa('pgrep', ['-P', String(pid)], { reject: false });
  const pids = stdout.split('\n').filter(Boolean).map(Number);
  return pids.reduce((sum, each) => sum + cpuSeconds(each), 0);
}

function configOf(folder: string, trackers: Trackers, train: string, numbers: number[], name: string) {
  const [steps = 0, work = 0, beside = 0] = numbers;
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
          argv: ['python3', train, '{output}', '{steps}', '{work}', '{result}', '{beside}'],
          parameters: { steps, work, beside },
          result: 'result.json',
          log: 'key-value',
          metrics: Array.from({ length: 9 }, (_, n) => `m${n}`),
        },
      },
    ],
  };
}

async function trained(client: Client, input: object): Promise<Took> {
  const { metrics } = await client.workflow.execute<(input: TrialInput) => Promise<TrialResult>>('sandboxTrial', {
    taskQueue: CONTROL_QUEUE,
    workflowId: `bench-${randomUUID()}`,
    args: [input as TrialInput],
  });
  return { wall: metrics['train.seconds']!, waited: metrics['train.waited']! };
}
