import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { execa } from 'execa';
import { CONTROL_QUEUE, type TrialInput, type TrialResult } from '../../plan/protocol.ts';
import { inPackage } from '../../setup/places.mjs';
import { startRealSandbox } from '../../tests/support/real-sandbox.ts';
import type { RunBench } from '../bench.ts';
import { cpuSeconds } from '../process-cpu.ts';
import { table } from '../table.ts';
import { type Interval, medianInterval } from './interval.ts';

const STEPS = 1_000;
const ROUNDS = 9;
const LOOK_MS = 1_000;
const MOST_LOOKS = 60;
/** Of a look: a program that waits looks for news now and then. */
const IDLE_SECONDS = 0.1;
const KINDS: Record<string, (string | { type: string; mode: string })[]> = {
  none: [],
  tensorboard: ['tensorboard'],
  'wandb offline': [{ type: 'wandb', mode: 'offline' }],
  mlflow: ['mlflow'],
  'all three': [{ type: 'wandb', mode: 'offline' }, 'mlflow', 'tensorboard'],
};

/** What one training took: wall and CPU seconds of its own program, CPU seconds of the host worker that followed it. */
interface Took {
  wall: number;
  program: number;
  worker: number;
}

/**
 * What trackers cost a training that tells 1,000 metrics a second for ten seconds. Each round trains once with each kind, in another order each time; a kind is
 * compared with the same round's training without trackers, so that what the machine does meanwhile falls on both. Counted is the trial's own:
 * its program's wall and CPU time, and the host worker's. Trackers are programs of the control worker, at low priority, and not counted but for what they
 * take away from the training.
 */
export const run: RunBench = async (args, say) => {
  const rounds = Number(args[args.indexOf('--rounds') + 1] ?? 0) || ROUNDS;
  const train = inPackage('bench', 'trackers', 'train.py');
  const { stdout } = await execa('python3', [train, '--measure']);
  const work = Number(stdout);
  const sandbox = await startRealSandbox('cpu');
  const kinds = Object.keys(KINDS);
  const took: Record<string, Took[]> = Object.fromEntries(kinds.map(kind => [kind, []]));
  try {
    const [host] = await sandbox.workers('--tags');
    const [control] = await sandbox.workers('--control');
    const once = async (kind: string, name: string): Promise<Took> => {
      const config = configOf(sandbox.folder, KINDS[kind]!, train, [STEPS, work], name);
      await untilIdle(control!);
      const before = cpuSeconds(host!);
      const { wall, program } = await trained(sandbox.client, { config, baseDir: sandbox.folder });
      return { wall, program, worker: cpuSeconds(host!) - before };
    };
    // Files that are read and code that is compiled for the first time are nobody's cost.
    await once('all three', 'warm');
    for (let round = 0; round < rounds; round += 1) {
      for (const kind of turned(kinds, round)) {
        say(`${kind}, round ${round + 1} of ${rounds}`);
        took[kind]!.push(await once(kind, `${kind} ${round}`));
      }
    }
  } finally {
    await sandbox.stop();
  }
  const rows = kinds.filter(kind => kind !== 'none').map(kind => ({ kind, ...overheads(took['none']!, took[kind]!) }));
  return {
    figures: {
      steps: STEPS,
      rounds,
      rows: rows.map(({ kind, wall, cpu }) => ({ kind, wall: { ...wall }, cpu: { ...cpu } })),
    },
    text: table(
      ['trackers', 'wall time, to none (95%)', 'CPU of program and worker, to none (95%)'],
      rows.map(({ kind, wall, cpu }) => [kind, percent(wall), percent(cpu)]),
    ),
  };
};

/** The list, begun at another place: no kind always follows the same one. */
const turned = <T>(list: T[], by: number): T[] => list.map((_, i) => list[(i + by) % list.length]!);

function overheads(none: Took[], kind: Took[]): { wall: Interval; cpu: Interval } {
  const ratios = (of: (took: Took) => number) => kind.map((took, i) => of(took) / of(none[i]!) - 1);
  return {
    wall: medianInterval(ratios(took => took.wall)),
    cpu: medianInterval(ratios(took => took.program + took.worker)),
  };
}

const percent = ({ median, low, high }: Interval) =>
  `${(100 * median).toFixed(1)}% (${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)})`;

/** Waits until the programs of a control worker's trackers rest: what they send of one trial is not to fall on the next. */
async function untilIdle(control: number): Promise<void> {
  let before = await childrenSeconds(control);
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    await new Promise(resolve => setTimeout(resolve, LOOK_MS));
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

async function trained(client: Client, input: object): Promise<Pick<Took, 'wall' | 'program'>> {
  const { metrics } = await client.workflow.execute<(input: TrialInput) => Promise<TrialResult>>('sandboxTrial', {
    taskQueue: CONTROL_QUEUE,
    workflowId: `bench-${randomUUID()}`,
    args: [input as TrialInput],
  });
  return { wall: metrics['train.seconds']!, program: metrics['train.cpu_seconds']! };
}
