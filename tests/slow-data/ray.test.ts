// Data-Juicer's Ray executors for real: on a Ray that each job starts for itself on this host, and on a cluster.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { probeAnalyzer } from '../../activities/probe/analyzer.ts';
import { processDataJuicer } from '../../activities/process/data-juicer.ts';
import { stopDataJuicer, warmDataJuicer } from '../../activities/runtime/data-juicer-host.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { jobRun } from '../support/job-run.ts';
import { type RayAccess, startRayCluster } from '../support/ray-cluster.ts';
import { makeTexts } from '../support/text-dataset.ts';

const SAMPLES = 60;
const PROCESS: JsonObject[] = [
  { text_length_filter: { min_len: 200 } },
  { special_characters_filter: { max_ratio: 0.25 } },
];
/** A Ray takes seconds to start, on a busy machine minutes. */
const LIMIT_MS = 1_500_000;
/** A job reaches a cluster with the token of its worker's environment. */
const ACCESS: RayAccess = {
  RAY_AUTH_MODE: 'token',
  RAY_AUTH_TOKEN: randomBytes(32).toString('hex'),
  RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER: '0',
};

let root: string;
/** Of one test, and of one try of it. */
let folder: string;
let texts: string;
/** What the default executor makes of the texts. */
let expected: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'ray-'));
  folder = root;
  Object.assign(process.env, ACCESS);
  texts = join(root, 'texts.jsonl');
  await Promise.all([makeTexts(texts, SAMPLES), warmDataJuicer()]);
  const { path } = await processed('here', { executor_type: 'default' });
  expected = await readFile(path, 'utf8');
}, LIMIT_MS);
beforeEach(async () => {
  folder = await mkdtemp(join(root, 'try-'));
});
afterAll(async () => {
  await stopDataJuicer();
  await rm(root, { recursive: true, force: true });
});

async function runOf(name: string, recipe: JsonObject, component = processDataJuicer, signal?: AbortSignal) {
  const dir = join(folder, name);
  await mkdir(dir, { recursive: true });
  const dj_configs = {
    dataset_path: texts,
    export_path: join(dir, 'out', 'texts.jsonl'),
    np: 2,
    process: PROCESS,
    ...recipe,
  };
  const config = { dj_configs, extra_configs: { object_store_memory: '100MiB' } };
  return await jobRun(component, dir, config, signal && { signal });
}

async function processed(name: string, recipe: JsonObject) {
  const result = await processDataJuicer.run(await runOf(name, recipe));
  return { ...result, path: (result.results[0] as { path: string }).path };
}

const samplesIn = (text: string) =>
  text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { id: string; __dj__stats__?: JsonObject });

/** An op that keeps its samples as they are, and waits until the file `gate` is there. */
const waitsFor = (gate: string): JsonObject => ({
  python_lambda_mapper: {
    lambda_str: `lambda sample: ([__import__("time").sleep(0.1) for _ in iter(lambda: __import__("os").path.exists(${JSON.stringify(gate)}), True)], sample)[1]`,
  },
});

interface Process {
  pid: number;
  parent: number;
  session: number;
  args: string;
}

/** All of this machine that have not ended. */
async function machine(): Promise<Process[]> {
  const { stdout } = await execa('ps', ['-e', '-o', 'pid=,ppid=,sid=,stat=,args=']);
  return stdout
    .split('\n')
    .map(line => /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line)!.slice(1))
    .filter(([, , , state]) => !state!.startsWith('Z'))
    .map(([pid, parent, session, , args]) => ({
      pid: Number(pid),
      parent: Number(parent),
      session: Number(session),
      args: args!,
    }));
}

/** Processes of the job that runs: of the session that the host's child leads. */
async function processes(): Promise<(Process & { leads: boolean })[]> {
  const all = await machine();
  const host = all.find(({ parent, args }) => parent === process.pid && args.includes('host.py'))?.pid;
  const jobs = all.filter(({ pid, parent, session }) => parent === host && pid === session).map(({ pid }) => pid);
  return all
    .filter(({ session }) => jobs.includes(session))
    .map(each => ({ ...each, leads: each.pid === each.session }));
}

async function alive(pid: number): Promise<boolean> {
  const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return state !== '' && !/\) [ZX] /.test(state);
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

/** Whether it is a process of Ray's that runs a job's op. */
const runsOp = ({ args }: Process) => args.startsWith('ray::') && args.includes('Map');

const opWorker = () => until(async () => (await processes()).find(runsOp));

/** The same on a cluster whose files are in `files`. */
const opWorkerOf = (files: string) =>
  until(async () => {
    const all = await machine();
    const node = all.find(({ args }) => args.split(' ', 1)[0]!.endsWith('/raylet') && args.includes(files))?.pid;
    return all.find(each => each.parent === node && runsOp(each));
  });

async function nothingLeft(pids: number[], leader: number): Promise<void> {
  await until(async () => ((await Promise.all(pids.map(alive))).includes(true) ? undefined : true));
  await until(async () => (existsSync(join(tmpdir(), `dj-job-${leader}`)) ? undefined : true));
}

it(
  'ray: a worker that is killed costs nothing; the bytes are those of the default executor; no process is left',
  async () => {
    const gate = join(folder, 'gate-ray');
    const running = processed('ray', { executor_type: 'ray', process: [waitsFor(gate), ...PROCESS] });
    running.catch(() => {});
    const worker = await Promise.race([opWorker(), running.then(() => undefined)]);
    const all = await processes();
    const leader = all.find(({ leads }) => leads)!.pid;
    process.kill(worker!.pid, 'SIGKILL');
    await writeFile(gate, '');
    const { path, metrics, notes } = await running;
    expect(await readFile(path, 'utf8')).toBe(expected);
    expect(metrics).toMatchObject({ samples_in: SAMPLES, samples_out: samplesIn(expected).length });
    expect(notes?.join()).toMatch(/ran on a Ray of the job's own/);
    await nothingLeft(
      all.map(({ pid }) => pid),
      leader,
    );
  },
  LIMIT_MS,
);

it(
  'ray_partitioned: a run after one that was killed goes on from its whole checkpoints, past one that was torn',
  async () => {
    const gate = join(folder, 'gate-partitioned');
    const [first, ...rest] = PROCESS;
    const recipe = {
      executor_type: 'ray_partitioned',
      partition: { mode: 'manual', num_of_partitions: 2 },
      checkpoint: { strategy: 'every_op' },
      process: [first!, waitsFor(gate), ...rest],
    };
    const run = await runOf('partitioned/epoch-1', recipe);
    const killed = processDataJuicer.run(run);
    killed.catch(() => {});
    const saved = async () => run.seen.find(({ phase }) => phase?.startsWith('checkpoint after text_length_filter'));
    await Promise.race([until(saved), killed]);
    const all = await processes();
    const leader = all.find(({ leads }) => leads)!.pid;
    process.kill(leader, 'SIGKILL');
    await expect(killed).rejects.toThrow(/ended by SIGKILL/);
    await nothingLeft(
      all.map(({ pid }) => pid),
      leader,
    );

    const checkpoints = join(run.dir, 'data-juicer', 'checkpoints');
    const torn = join(checkpoints, 'checkpoint_op_0002_partition_0000.parquet');
    await mkdir(torn);
    await writeFile(join(torn, 'part.parquet'), 'PAR1 and no more');
    await writeFile(gate, '');
    const { path, notes } = await processed('partitioned/epoch-2', recipe);
    expect(notes?.join()).toMatch(/went on from [12] checkpoints? of an earlier run/);
    expect(await readFile(path, 'utf8')).toBe(expected);
    const log = await readFile(join(folder, 'partitioned/epoch-2/log.txt'), 'utf8');
    expect(log).toMatch(
      /Successfully loaded checkpoint, resuming from operation 1|Resuming from checkpoint at operation 0/,
    );
  },
  LIMIT_MS,
);

it(
  'ray: a cancelled job ends with every process of its Ray',
  async () => {
    const controller = new AbortController();
    const recipe = { executor_type: 'ray', process: [waitsFor(join(folder, 'never'))] };
    const running = processDataJuicer.run(await runOf('cancelled', recipe, processDataJuicer, controller.signal));
    running.catch(() => {});
    await Promise.race([opWorker(), running]);
    const all = await processes();
    expect(all.length).toBeGreaterThan(5);
    controller.abort(new Error('not wanted any more'));
    await expect(running).rejects.toThrow('not wanted any more');
    await nothingLeft(
      all.map(({ pid }) => pid),
      all.find(({ leads }) => leads)!.pid,
    );
  },
  LIMIT_MS,
);

it(
  'ray: an analysis gives the means and deviations of the default one, and the stats of each sample',
  async () => {
    const recipe = { export_original_dataset: true };
    const here = await probeAnalyzer.run(await runOf('look-here', recipe, probeAnalyzer));
    const onRay = await probeAnalyzer.run(await runOf('look', { ...recipe, executor_type: 'ray' }, probeAnalyzer));
    for (const row of ['count', 'mean', 'std', 'min', 'max'])
      expect(onRay.metrics![`text_len.${row}`]).toBeCloseTo(here.metrics![`text_len.${row}`]!, 6);
    expect(await readdir(join(folder, 'look', 'out'))).toEqual(await readdir(join(folder, 'look-here', 'out')));
    const statsIn = async (name: string) =>
      samplesIn(await readFile(join(folder, name, 'out', 'texts_stats.jsonl'), 'utf8')).map(line => line.__dj__stats__);
    // By itself the Analyzer writes stats with ten digits.
    const rounded = (await statsIn('look-here')).map(stats =>
      Object.fromEntries(Object.entries(stats!).map(([name, value]) => [name, expect.closeTo(value as number, 8)])),
    );
    expect(await statsIn('look')).toEqual(rounded);
    expect(onRay.notes?.join()).toMatch(/no percentiles/);
  },
  LIMIT_MS,
);

it(
  'ray: samples on which an op fails are named, in whatever process they fail',
  async () => {
    const op = { python_lambda_mapper: { lambda_str: 'lambda sample: 1 / 0' } };
    await expect(processed('failing', { executor_type: 'ray', process: [op] })).rejects.toThrow(
      /op python_lambda_mapper failed on \d+ (?:or more )?samples .*ZeroDivisionError/,
    );
  },
  LIMIT_MS,
);

it(
  'ray_address: jobs run on the cluster that is there, past a worker that is killed, and leave it as it was',
  async () => {
    const files = await mkdtemp(join(tmpdir(), 'r-'));
    const cluster = await startRayCluster(files, ACCESS);
    try {
      const { address } = cluster;
      const gate = join(folder, 'gate-cluster');
      const waiting = [waitsFor(gate), ...PROCESS];
      const running = processed('cluster', { executor_type: 'ray', ray_address: address, process: waiting });
      running.catch(() => {});
      const worker = await Promise.race([opWorkerOf(files), running.then(() => undefined)]);
      process.kill(worker!.pid, 'SIGKILL');
      await writeFile(gate, '');
      const { path, notes } = await running;
      expect(await readFile(path, 'utf8')).toBe(expected);
      expect(notes?.join()).not.toMatch(/a Ray of the job's own/);

      const partitioned = await processed('cluster-partitioned', {
        executor_type: 'ray_partitioned',
        ray_address: address,
        partition: { mode: 'manual', num_of_partitions: 2 },
      });
      expect(await readFile(partitioned.path, 'utf8')).toBe(expected);
      expect(cluster.up).toBe(true);
    } finally {
      await cluster.stop();
      await rm(files, { recursive: true, force: true });
    }
  },
  LIMIT_MS,
);
