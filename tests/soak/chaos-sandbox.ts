import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { packageRoot } from '../../activities/runtime/paths.ts';
import { type JsonObject, jobsOf, type Plan } from '../../plan/plan.ts';
import type { TrialProgress, TrialResult } from '../../plan/protocol.ts';
import { type RealSandbox, startRealSandbox } from '../support/real-sandbox.ts';
import { processesOf, send } from './processes.ts';
import { makeInputs, PACE, probeConfig, type TrialShape, trialConfig } from './trials.ts';

/** After the last trial has ended, what ran for it must be gone within so long. */
const GONE_MS = 5_000;
/** A Data-Juicer process that still loads notices only then that its worker is gone. */
const ENDED_MS = 60_000;
const KEPT = /data-juicer-host\/host\.py/;

export interface SandboxOptions {
  /** For the home's programs, see its README; over PACE. */
  env?: Record<string, string>;
  /** For jobs of Data-Juicer, in place of the home's. */
  dataJuicer?: boolean;
}

/** A real sandbox to which things happen; one a process, as its environment is the process's. */
export class ChaosSandbox {
  readonly sandbox: RealSandbox;
  readonly folder: string;
  readonly ledger: string;

  private constructor(sandbox: RealSandbox) {
    this.sandbox = sandbox;
    this.folder = sandbox.folder;
    this.ledger = process.env.PLAY_LEDGER!;
  }

  /** The host has two GPUs that nobody computes on. */
  static async start({ env = {}, dataJuicer = false }: SandboxOptions = {}): Promise<ChaosSandbox> {
    // Workers are started again with this process's environment, whenever they die.
    const ledger = join(tmpdir(), `ledger-${process.pid}`);
    await mkdir(ledger, { recursive: true });
    const path = `${join(packageRoot(), 'tests', 'soak', 'bin')}:${process.env.PATH}`;
    Object.assign(process.env, { ...PACE, ...env, PLAY_LEDGER: ledger, PATH: path });
    const chaos = new ChaosSandbox(await startRealSandbox(dataJuicer ? 'cpu' : 'light, gpu', 'auto'));
    await makeInputs(chaos.#in('inputs'));
    return chaos;
  }

  async startTrial(id: string, shape: TrialShape): Promise<WorkflowHandle> {
    return await this.#start(id, trialConfig(this.#in('inputs'), this.#in(id), this.#in('work'), shape));
  }

  /** A trial that only looks at texts, with Data-Juicer. */
  async startProbe(id: string): Promise<WorkflowHandle> {
    return await this.#start(id, await probeConfig(this.#in('inputs'), this.#in('work')));
  }

  async #start(id: string, config: JsonObject): Promise<WorkflowHandle> {
    return await this.sandbox.client.workflow.start('sandboxTrial', {
      taskQueue: 'sandbox',
      workflowId: id,
      args: [{ config, baseDir: this.folder }],
    });
  }

  /** How a trial ended; a server that is away is waited for. */
  async resultOf(id: string): Promise<TrialResult> {
    for (;;) {
      try {
        return (await this.sandbox.client.workflow.getHandle(id).result()) as TrialResult;
      } catch (error) {
        if ((error as Error).name !== 'ServiceError') throw error;
        await sleep(200);
      }
    }
  }

  async progressOf(id: string): Promise<TrialProgress | null> {
    return await this.sandbox.client.workflow
      .getHandle(id)
      .query<TrialProgress>('progress')
      .catch(() => null);
  }

  /** Directory of a trial's job, once the trial has a plan. */
  async jobDir(id: string, metaName: string): Promise<string | null> {
    const { plan: ref } = (await this.progressOf(id)) ?? { plan: null };
    if (!ref) return null;
    const plan = JSON.parse(await readFile(ref.path, 'utf8')) as Plan;
    return join(plan.workDir, 'jobs', jobsOf(plan).find(job => job.metaName === metaName)!.key!);
  }

  /** What should not be there once all trials have ended: programs, their supervisors, leased devices. */
  async leftOvers(): Promise<string[]> {
    const until = Date.now() + GONE_MS;
    for (;;) {
      const left = [...(await this.#programs()), ...(await this.#leases())];
      if (left.length === 0 || Date.now() > until) return left;
      await sleep(100);
    }
  }

  async #programs(): Promise<string[]> {
    const found = await processesOf(this.folder);
    // The worker keeps its Data-Juicer process from job to job.
    return found
      .filter(({ victim, command }) => (victim === 'supervisor' || victim === 'trainer') && !KEPT.test(command))
      .map(({ pid, command }) => `still alive: ${pid} ${command}`);
  }

  async #leases(): Promise<string[]> {
    const state = this.#in('state');
    const files = (await readdir(state, { recursive: true }).catch(() => [])).filter(name =>
      /leases.*\.\d+$/.test(name),
    );
    const newest = new Map<string, number>();
    for (const name of files) {
      const [, device = '', n] = /^(.*)\.(\d+)$/.exec(name)!;
      newest.set(device, Math.max(newest.get(device) ?? 0, Number(n)));
    }
    const left = [...newest].map(async ([device, n]) => {
      const { holder } = JSON.parse(await readFile(join(state, `${device}.${n}`), 'utf8')) as { holder: string | null };
      return holder === null ? [] : [`still leased: ${device} by ${holder}`];
    });
    return (await Promise.all(left)).flat();
  }

  /** Ends it all. Returns processes that outlived even that. `keep`: the folder stays, to be looked at. */
  async stop(keep: boolean): Promise<string[]> {
    for (const { pid } of await processesOf(this.folder)) send(pid, 'SIGCONT');
    await this.sandbox.stop(keep);
    if (!keep) await rm(this.ledger, { recursive: true, force: true });
    const until = Date.now() + ENDED_MS;
    let left = await processesOf(this.folder);
    for (; left.length > 0 && Date.now() < until; left = await processesOf(this.folder)) await sleep(200);
    return left.map(({ pid, command }) => `outlived its sandbox: ${pid} ${command}`);
  }

  #in(...names: string[]): string {
    return join(this.folder, ...names);
  }
}
