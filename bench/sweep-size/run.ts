// A sweep of thousands of trials that do nothing: does anything grow with their number?
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, QueryNotRegisteredError } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { JobDone, JobRef, Leaderboard } from '../../plan/protocol.ts';
import { type RealSandbox, startRealSandbox } from '../../tests/support/real-sandbox.ts';
import type { RunBench } from '../bench.ts';
import { median } from '../median.ts';
import { cpuSeconds } from '../process-cpu.ts';
import { table } from '../table.ts';

const QUEUE = 'bench';
const CONCURRENCY = 16;
const LOOK_MS = 1_000;

/** Looks of `status` at the sweep when all has ended. */
const LOOKS = 7;

interface Run {
  events: number;
  kib: number;
}

/** `--trials n` (5,000 where it is absent): events and bytes of each run of the parent, and memory of the workers on the way, and what `status` takes at the end. */
export const run: RunBench = async (args, say) => {
  const trials = Number(args[args.indexOf('--trials') + 1] ?? 0) || 5_000;
  const sandbox = await startRealSandbox(QUEUE);
  const connection = await NativeConnection.connect({ address: sandbox.address });
  const worker = await Worker.create({
    connection,
    taskQueue: QUEUE,
    activities: { 'process.data-juicer': async (ref: JobRef) => nothing(ref) },
    maxConcurrentActivityTaskExecutions: CONCURRENCY,
  });
  const working = worker.run();
  try {
    const id = await start(sandbox, trials);
    const memory = await untilEnded(sandbox, id, trials, say);
    const runs = await runsOf(sandbox, id);
    const status = await statusOf(sandbox, id);
    return report(trials, memory, runs, status);
  } finally {
    worker.shutdown();
    await working;
    await connection.close();
    await sandbox.stop();
  }
};

/** A job that is done as soon as it has begun. */
function nothing(ref: JobRef): JobDone {
  const score = Number(/(\d+)$/.exec(ref.trial.id)?.[1]);
  return { job: ref.job, key: 'none', reused: false, seconds: 0, results: {}, metrics: { score }, notes: [] };
}

async function start({ folder, client }: RealSandbox, trials: number): Promise<string> {
  const data = join(folder, 'data.jsonl');
  writeFileSync(data, '{"text": "one"}\n');
  const config = {
    project_name: 'bench',
    work_dir: join(folder, 'work'),
    execution_job_configs: [
      {
        hook: 'ProcessDataHook',
        meta_name: 'nothing',
        resources: { tag: QUEUE },
        dj_configs: {
          dataset_path: data,
          export_path: join(folder, 'out.jsonl'),
          process: [{ text_length_filter: { min_len: 1, max_len: 100 } }],
        },
      },
    ],
  };
  const sweep = {
    method: 'random',
    metric: { name: 'nothing.score', goal: 'minimize' },
    parameters: { 'text_length_filter.max_len': { distribution: 'int_uniform', min: 10, max: 1_000_000 } },
    run_cap: trials,
    concurrency: CONCURRENCY,
  };
  const id = 'sweep-size';
  await client.workflow.start('sandboxSweep', {
    taskQueue: 'sandbox',
    workflowId: id,
    args: [{ config, sweep, baseDir: folder }],
  });
  return id;
}

/** Memory of the control worker in MiB, by finished trials: the first hundred, each thousand, the end. */
async function untilEnded(
  { client, workers }: RealSandbox,
  id: string,
  trials: number,
  say: (line: string) => void,
): Promise<{ done: number; mib: number; seconds: number }[]> {
  const marks = [100, ...Array.from({ length: Math.floor(trials / 1_000) }, (_, i) => 1_000 * (i + 1))];
  const [pid] = await workers('--control');
  const seen: { done: number; mib: number; seconds: number }[] = [];
  const began = performance.now();
  for (;;) {
    await new Promise(resolve => setTimeout(resolve, LOOK_MS));
    const board = await leaderboard(client, id);
    if (board === null) continue;
    const { counts, state } = board;
    const done = counts.done + counts.failed + counts.stopped;
    if (done >= (marks[seen.length] ?? Number.POSITIVE_INFINITY)) {
      seen.push({ done, mib: residentMib(pid!), seconds: (performance.now() - began) / 1000 });
      say(`${done} trials, control worker ${seen.at(-1)!.mib} MiB`);
    }
    if (['done', 'failed', 'stopped'].includes(state)) break;
  }
  await client.workflow.getHandle(id).result();
  return seen;
}

/** Null while the sweep's file is still being read. */
async function leaderboard(client: Client, id: string): Promise<Leaderboard | null> {
  try {
    return await client.workflow.getHandle(id).query<Leaderboard>('leaderboard');
  } catch (error) {
    if (error instanceof QueryNotRegisteredError) return null;
    throw error;
  }
}

function residentMib(pid: number): number {
  const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kib) / 1024);
}

/** Each run of the sweep's workflow, the last first. */
async function runsOf({ client }: RealSandbox, id: string): Promise<Run[]> {
  const runs: Run[] = [];
  for await (const { historyLength, historySize } of client.workflow.list({ query: `WorkflowId = '${id}'` }))
    runs.push({ events: Number(historyLength), kib: Math.round(Number(historySize ?? 0) / 1024) });
  return runs;
}

/** Seconds, medians of some looks: of the whole command, of starting Node with the command line alone, and of the requests that it makes. */
interface Status {
  command: number;
  start: number;
  describe: number;
  queries: number;
  /** CPU of the control worker for one round of its answers, which does not depend on what else the machine does. */
  workerCpu: number;
}

/** The sweep has ended, so that each query replays its last run. */
async function statusOf({ cli, client, workers }: RealSandbox, id: string): Promise<Status> {
  const handle = client.workflow.getHandle(id);
  const [pid] = await workers('--control');
  const ask = () => handle.query('standing');
  const before = cpuSeconds(pid!);
  const queries = await medianSeconds(ask);
  const workerCpu = (cpuSeconds(pid!) - before) / LOOKS;
  return {
    queries,
    workerCpu,
    command: await medianSeconds(async () => {
      const { exitCode, stderr } = await cli('status', id);
      if (exitCode !== 0) throw new Error(`status failed: ${stderr}`);
    }),
    start: await medianSeconds(() => cli('--version')),
    describe: await medianSeconds(() => handle.describe()),
  };
}

async function medianSeconds(work: () => Promise<unknown>): Promise<number> {
  const found: number[] = [];
  for (let look = 0; look < LOOKS; look += 1) {
    const began = performance.now();
    await work();
    found.push((performance.now() - began) / 1000);
  }
  return median(found);
}

function report(trials: number, memory: { done: number; mib: number; seconds: number }[], runs: Run[], status: Status) {
  const most = { events: Math.max(...runs.map(run => run.events)), kib: Math.max(...runs.map(run => run.kib)) };
  const rows = memory.map(({ done, mib, seconds }) => [done, mib, ((seconds * 1000) / done).toFixed(0)]);
  return {
    figures: { trials, runs: runs.length, events: most.events, kib: most.kib, memory, status: { ...status } },
    text: [
      table(['trials', 'control worker, MiB', 'ms a trial'], rows),
      '',
      `${runs.length} runs of the sweep's workflow, of at most ${most.events} events and ${most.kib} KiB`,
      `status at the end: ${status.command.toFixed(2)} s, of which ${status.start.toFixed(2)} s start Node and the command line, ${status.describe.toFixed(3)} s the server's description, ${status.queries.toFixed(2)} s the workflow's answers (replayed: ${status.workerCpu.toFixed(2)} s of the worker's CPU)`,
    ].join('\n'),
  };
}
