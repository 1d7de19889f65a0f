// Trainings in several processes: examples/pytorch under torchrun, accelerate and (played) DeepSpeed, on one host and as two; EasyAnimate by accelerate.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { runProgram } from '../../activities/runtime/program.ts';
import { stepValues } from '../../activities/runtime/step-values.ts';
import { trainEasyAnimate } from '../../activities/train/easyanimate.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { bytesOf, smallWorld, trainConfig } from '../support/easyanimate.ts';
import { supervisedRun, workFolder } from '../support/evaluators.ts';
import { freePorts } from '../support/free-ports.ts';
import {
  example,
  exampleRun,
  programOf,
  pythonWithTorch,
  reached,
  STEPS,
  startsOf,
} from '../support/pytorch-example.ts';

const LAUNCHERS = resolve('tests/fixtures/launchers');
const HOSTS = join(LAUNCHERS, 'hosts.py');
const TIMEOUT = 600_000;

beforeAll(() => {
  pythonWithTorch();
  process.env.PATH = [LAUNCHERS, process.env.PATH].join(delimiter);
});

/** How each is called; the training's own arguments follow. `port`: of its first process. */
const CALLS: [string, (port: number, folder: string) => string[]][] = [
  ['torchrun', () => ['torchrun', '--standalone', '--nproc_per_node=2']],
  [
    'torchrun on two hosts',
    port => [
      ...['python3', HOSTS, '2', 'torchrun', '--nnodes=2', '--node_rank=%', '--nproc_per_node=1'],
      ...['--rdzv_id=own', '--rdzv_backend=c10d', `--rdzv_endpoint=127.0.0.1:${port}`],
    ],
  ],
  [
    'accelerate',
    () => ['accelerate', 'launch', '--multi_gpu', '--num_processes=2', '--num_machines=1', '--main_process_port=0'],
  ],
  [
    'accelerate on two hosts',
    port => [
      ...['python3', HOSTS, '2', 'accelerate', 'launch', '--multi_gpu', '--num_processes=2', '--num_machines=2'],
      ...['--machine_rank=%', '--main_process_ip=127.0.0.1', `--main_process_port=${port}`, '--rdzv_backend=static'],
      '--same_network',
    ],
  ],
  ['deepspeed', port => ['deepspeed', '--num_gpus=2', `--master_port=${port}`]],
  [
    'deepspeed on two hosts',
    (port, folder) => [
      ...['python3', HOSTS, '2', 'deepspeed', `--hostfile=${join(folder, 'hostfile')}`, '--no_ssh', '--node_rank=%'],
      ...['--master_addr=127.0.0.1', `--master_port=${port}`],
    ],
  ],
];

/** The training in several processes, with so many seconds after each step. */
async function training(dir: string, call: string[], pause = '0') {
  const own = ['train_ddp.py', '--data', '{dataset}', '--out', '{output}', '--lr', '{lr}', '--steps', '{steps}'];
  const argv = [...call, ...own, '--pause', pause];
  return await exampleRun('train', dir, { argv, dataset: example('points.jsonl'), code: ['model.py', 'saving.py'] });
}

const model = (dir: string) => readFile(join(dir, 'out', 'output', 'model.pt'), 'hex');

/** Processes of this host whose command line names a folder. */
async function processesOf(dir: string): Promise<{ pid: number; line: string }[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name)).map(Number);
  const all = await Promise.all(
    pids.map(async pid => ({ pid, line: await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '') })),
  );
  return all.filter(({ pid, line }) => line.includes(dir) && pid !== process.pid && !line.includes('supervisor.py'));
}

/** Processes that train, in no order. */
async function ranksOf(dir: string): Promise<number[]> {
  const all = await processesOf(join(dir, 'out'));
  return all.filter(({ line }) => trains(line.split('\0'))).map(({ pid }) => pid);
}

/** Python that runs the script itself, not a launcher that names it. */
function trains([program = '', ...args]: string[]): boolean {
  return /python[\d.]*$/.test(program) && args.find(each => each !== '-u')?.endsWith('train_ddp.py') === true;
}

describe.each(CALLS)('%s', (_, call) => {
  test(
    'loses a process, then its launcher, is held at a rung, and comes to the same bytes, told once a step',
    async () => {
      const folder = await workFolder();
      await writeFile(join(folder, 'hostfile'), 'one slots=1\ntwo slots=1\n');
      const [straight, broken] = [join(folder, 'straight'), join(folder, 'broken')];
      const port = async () => (await freePorts(1))[0]!;
      const undisturbed = await training(straight, call(await port(), folder));
      await undisturbed.component.run(undisturbed.run);

      const { component, run } = await training(broken, call(await port(), folder), '0.1');
      const held = component.run({
        ...run,
        program: spec => runProgram(spec, { dir: broken, epoch: 1, signal: run.signal, until: 190 }),
      });
      held.catch(() => {});
      await Promise.race([reached(broken, 60), held]);
      const ranks = await ranksOf(broken);
      expect(ranks).toHaveLength(2);
      process.kill(ranks[1]!, 'SIGKILL');
      const launcher = await programOf(broken, 2);
      await Promise.race([reached(broken, 110), held]);
      process.kill(launcher, 'SIGKILL');
      await expect(held).rejects.toMatchObject({ name: 'ProgramHeld', step: 190 });
      expect(await processesOf(broken)).toEqual([]);
      await component.run(run);

      expect(await startsOf(broken)).toEqual([
        null,
        ...[1, 2].map(() => expect.stringMatching(/^checkpoint-\d+$/)),
        'checkpoint-190',
      ]);
      expect(await model(broken)).toBe(await model(straight));
      const losses = async (dir: string) => (await stepValues(join(dir, 'metrics.jsonl'), 'loss')).values;
      expect(await losses(broken)).toEqual(await losses(straight));
      expect(await losses(broken)).toHaveLength(STEPS);
    },
    TIMEOUT,
  );
});

test(
  'EasyAnimate trains with two processes by accelerate, is killed, and comes to the same LoRA',
  async () => {
    const world = await smallWorld();
    const samples = JSON.parse(await readFile(world.dataset, 'utf8')) as JsonObject[];
    // An even number of batches: the last round of an epoch is no other after resuming.
    await writeFile(world.dataset, JSON.stringify(samples.slice(0, 6)));
    const train = async (name: string) => {
      const config = trainConfig(world, join(world.folder, name, 'out', 'models'));
      Object.assign((config.train as JsonObject).training_config as JsonObject, { batch_size_per_gpu: 1 });
      config.launcher = { args: ['--multi_gpu', '--num_processes=2', '--main_process_port=0'] };
      return await supervisedRun(trainEasyAnimate, join(world.folder, name), config);
    };
    await trainEasyAnimate.run(await train('straight'));
    const killed = trainEasyAnimate.run(await train('killed'));
    await Promise.race([reached(join(world.folder, 'killed'), 3), killed]);
    process.kill(await programOf(join(world.folder, 'killed'), 1), 'SIGKILL');
    expect((await killed).metrics).toMatchObject({ steps: 7 });
    expect((await startsOf(join(world.folder, 'killed'))).at(-1)).toMatch(/^checkpoint-\d+$/);
    const lora = (name: string) => bytesOf(world.folder, name, 'out', 'models', 'checkpoint-7.safetensors');
    expect(await lora('killed')).toBe(await lora('straight'));
    await world.remove();
  },
  TIMEOUT,
);
