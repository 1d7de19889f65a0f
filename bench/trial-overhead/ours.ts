import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { CONTROL_QUEUE, type SweepInput, type SweepResult, type TrialInput } from '../../plan/protocol.ts';
import { atOnce } from '../at-once.ts';
import { median } from '../median.ts';
import { noOpConfig, noOpValues } from '../no-op/component.ts';
import { startNoOpSandbox } from '../no-op/sandbox.ts';
import { cpuSeconds } from '../process-cpu.ts';

export interface Ours {
  /** Wall time of all trials, each started by a client. */
  trials: number;
  /** Of as many trials of a sweep. */
  sweep: number;
  /** Of the first. */
  spent: { what: string; ms: number }[];
}

interface Size {
  trials: number;
  atOnce: number;
  jobs: number;
}

/** Trials on the development server with its workers, one warming up first; then as many as a sweep. */
export async function ours(size: Size): Promise<Ours> {
  const sandbox = await startNoOpSandbox();
  const { client, folder: baseDir } = sandbox;
  try {
    const config = noOpConfig(size.jobs, join(baseDir, 'work'));
    await runTrial(client, { config, baseDir });
    const processes = { ...sandbox.pids, 'the bench': process.pid };
    const cpu = () => Object.fromEntries(Object.entries(processes).map(([name, pid]) => [name, cpuSeconds(pid)]));
    const ids: string[] = [];
    const before = cpu();
    const trials = await timed(() =>
      atOnce(
        Array.from({ length: size.trials }, (_, i) => ({ config, set: noOpValues(size.jobs, i + 1), baseDir })),
        size.atOnce,
        async input => {
          ids.push(await runTrial(client, input));
        },
      ),
    );
    const after = cpu();
    const used = Object.entries(after).map(([name, now]) => ({
      what: `CPU, ${name}`,
      ms: (1000 * (now - before[name]!)) / size.trials,
    }));
    const sweep = await timed(() => runSweep(client, { config, baseDir }, size));
    return { trials, sweep, spent: [...used, ...(await timesIn(client, ids))] };
  } finally {
    await sandbox.stop();
  }
}

/** Seconds that it takes. */
async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

async function runSweep(client: Client, input: Pick<SweepInput, 'config' | 'baseDir'>, size: Size): Promise<void> {
  const sweep = {
    method: 'random',
    metric: { name: `job-${size.jobs}.value`, goal: 'minimize' },
    run_cap: size.trials,
    parameters: Object.fromEntries(
      Object.keys(noOpValues(size.jobs, 0)).map(name => [name, { distribution: 'uniform', min: 0, max: 1 }]),
    ),
  };
  const { counts } = await client.workflow.execute<(input: SweepInput) => Promise<SweepResult>>('sandboxSweep', {
    taskQueue: CONTROL_QUEUE,
    workflowId: `no-op-${randomUUID()}`,
    args: [{ ...input, sweep, concurrency: size.atOnce, seed: 0 }],
  });
  if (counts.done !== size.trials) throw new Error(`of ${size.trials} trials of the sweep ${counts.done} were done`);
}

async function runTrial(client: Client, input: TrialInput): Promise<string> {
  const workflowId = `no-op-${randomUUID()}`;
  const { state } = await client.workflow.execute<(input: TrialInput) => Promise<{ state: string }>>('sandboxTrial', {
    taskQueue: CONTROL_QUEUE,
    workflowId,
    args: [input],
  });
  if (state !== 'done') throw new Error(`trial ${workflowId} ended as ${state}`);
  return workflowId;
}

/** From the histories: medians over the trials of what one trial spent waiting for what; the trials share two workers. */
async function timesIn(client: Client, ids: readonly string[]): Promise<{ what: string; ms: number }[]> {
  const spans = new Map<string, number[]>();
  const add = (what: string, ms: number) => spans.set(what, [...(spans.get(what) ?? []), ms]);
  let events = 0;
  for (const id of ids) {
    const history = (await client.workflow.getHandle(id).fetchHistory()).events ?? [];
    const at = (eventId: unknown) => timeOf(history[Number(eventId) - 1]);
    const sums = new Map<string, number>();
    const sum = (what: string, ms: number) => sums.set(what, (sums.get(what) ?? 0) + ms);
    events += history.length;
    for (const event of history) {
      const activity = event.activityTaskCompletedEventAttributes;
      const task = event.workflowTaskCompletedEventAttributes;
      if (activity) {
        sum('activities, until a worker takes them', at(activity.startedEventId) - at(activity.scheduledEventId));
        sum('activities, run', timeOf(event) - at(activity.startedEventId));
      }
      if (task) {
        sum('workflow tasks, until the worker takes them', at(task.startedEventId) - at(task.scheduledEventId));
        sum('workflow tasks, run', timeOf(event) - at(task.startedEventId));
      }
    }
    for (const [what, ms] of sums) add(what, ms);
    add('from start to end', timeOf(history.at(-1)) - timeOf(history[0]));
  }
  const medians = [...spans].map(([what, list]) => ({ what: `a trial: ${what}`, ms: median(list) }));
  return [...medians, { what: 'events of its history (a number)', ms: events / ids.length }];
}

type Event = { eventTime?: { seconds?: unknown; nanos?: number | null } | null } | undefined;
const timeOf = (event: Event): number =>
  1000 * Number(event?.eventTime?.seconds ?? 0) + (event?.eventTime?.nanos ?? 0) / 1e6;
