import { rmSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CompileResult, compile } from '../../../plan/compile.ts';
import type { ComponentRegistry } from '../../../plan/component.ts';
import { formatDiagnostic } from '../../../plan/diagnostic.ts';
import type { Manifest } from '../../../plan/manifest.ts';
import { type JsonObject, jobsOf, type PlanJob } from '../../../plan/plan.ts';
import type { Claim, JobDone, JobRef } from '../../../plan/protocol.ts';
import { catalogue } from '../../catalogue.ts';
import type { Component } from '../../component.ts';
import { alone } from '../../runtime/alone.ts';
import { files } from '../../runtime/files.ts';
import { jobDir, newEpoch, readManifest } from '../../runtime/job-dir.ts';
import { keyed } from '../../runtime/keyed.ts';
import { writePlan } from '../../runtime/plan-file.ts';
import { runProgram } from '../../runtime/program.ts';
import type { Progress } from '../../runtime/progress.ts';
import { runJob } from '../../runtime/run-job.ts';
import { standIn } from './stand-in.ts';

/** A program is ended when nobody has asked for it so long: nothing of a test that died stays. */
const GRACE_MS = 60_000;
const META_NAME = 'job';

const folders: string[] = [];
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Configs of a job, as a sandbox config has them. */
export interface JobConfigs {
  dj_configs?: JsonObject;
  extra_configs?: JsonObject;
}

/** A component with a job that it does well. */
export interface ComponentUnderTest {
  component: Component;
  /** Makes in `folder` what a good job reads and returns the job's configs; relative paths start in `folder`. */
  job: (folder: string) => JobConfigs | Promise<JobConfigs>;
  /** What it `needs` of an earlier job: name → file that `job` makes, such as `{stats: 'overall.csv'}`. */
  needs?: Record<string, string>;
  /** Two runs of one job may differ in values and contents. Default: everything that it publishes is the same. */
  varies?: boolean;
  /** Milliseconds in which it ends when it is cancelled. Default: 30,000. */
  endsWithinMs?: number;
}

/** One run of the job, by whom and under what circumstances. */
export interface Attempt {
  component?: Component;
  trial?: string;
  claim?: Claim;
  signal?: AbortSignal;
  onProgress?: (progress: Omit<Progress, 'job'>) => void;
}

/** The plan of a config with one job of the component, or every error of it. */
export function compileJob(
  { component, needs }: ComponentUnderTest,
  folder: string,
  configs: JobConfigs,
): CompileResult {
  const { hook } = component;
  const before = needs ? [{ hook: standIn(needs).hook, meta_name: META_NAME }] : [];
  const config = {
    project_name: 'conformance',
    work_dir: 'work',
    execution_job_configs: [...before, { hook, meta_name: META_NAME, ...configs } as JsonObject],
  };
  return compile({ config, baseDir: folder }, registryOf(component, needs), files, catalogue());
}

function registryOf(component: Component, needs: ComponentUnderTest['needs']): ComponentRegistry {
  return needs ? [standIn(needs), component] : [component];
}

/** A job of a component in a folder of its own, run by the shared implementation with real programs, without a server. */
export class JobBench {
  readonly under: ComponentUnderTest;
  readonly folder: string;
  readonly configs: JobConfigs;
  /** `jobs/<key>`. */
  readonly dir: string;
  readonly job: PlanJob;
  /** Programs that the last attempt asked for. */
  programs = 0;
  #ref: JobRef;
  #published: Manifest | null = null;

  private constructor(under: ComponentUnderTest, folder: string, configs: JobConfigs, job: PlanJob, ref: JobRef) {
    this.under = under;
    this.folder = folder;
    this.configs = configs;
    this.job = job;
    this.dir = jobDir(join(folder, 'work'), job.key ?? '');
    this.#ref = ref;
  }

  /** @throws Error with every diagnostic where the job does not compile. */
  static async make(under: ComponentUnderTest): Promise<JobBench> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'conformance-')));
    folders.push(folder);
    const configs = await under.job(folder);
    const compiled = compileJob(under, folder, configs);
    if (!compiled.ok)
      throw new Error(`the job does not compile:\n${compiled.diagnostics.map(formatDiagnostic).join('\n')}`);
    const plan = await keyed(compiled.plan, registryOf(under.component, under.needs), 'conformance');
    const written = await writePlan(join(folder, 'plan.json'), plan);
    const [own, earlier] = jobsOf(plan).reverse();
    const trial = { id: 'a', runId: 'a' };
    if (earlier)
      await new JobBench(under, folder, configs, earlier, { plan: written, job: earlier.id, trial }).#standIn();
    return new JobBench(under, folder, configs, own!, { plan: written, job: own!.id, trial });
  }

  async #standIn(): Promise<void> {
    const provider = standIn(this.under.needs ?? {});
    await this.attempt({ component: { ...provider, run: run => provider.provide(run, this.folder) } });
  }

  /** Runs the job as an activity would. */
  async attempt(attempt: Attempt = {}): Promise<JobDone> {
    const { component = this.under.component, trial = 'a', claim, onProgress = () => {} } = attempt;
    const { signal = new AbortController().signal } = attempt;
    this.programs = 0;
    const ref = { ...this.#ref, trial: { id: trial, runId: trial }, ...(claim && { claim }) };
    return await runJob(component, ref, {
      registry: registryOf(this.under.component, this.under.needs),
      signal,
      progress: onProgress,
      program: async (spec, at) => {
        this.programs += 1;
        return await runProgram(spec, { ...at, signal, onProgress, graceMs: GRACE_MS });
      },
      alone: (dir, work) => alone(dir, signal, work),
      holdClaim: async () => {},
      at: () => {},
    });
  }

  /** What an undisturbed run published first; it is there. */
  async published(): Promise<Manifest> {
    if ((await readManifest(this.dir)) === null) {
      // One that does not hear that it is cancelled may still hold the folder.
      await this.forget();
      await this.attempt();
    }
    this.#published ??= await this.manifest();
    return this.#published;
  }

  /** @throws Error where the job is not published. */
  async manifest(): Promise<Manifest> {
    const manifest = await readManifest(this.dir);
    if (!manifest) throw new Error(`there is no manifest.json in ${this.dir}`);
    return manifest;
  }

  /** Removes everything of the job, as if it had never run. */
  async forget(): Promise<void> {
    await rm(this.dir, { recursive: true, force: true });
  }

  /** A right to run the job here, in a run of its own. */
  async claim(): Promise<Claim> {
    return { hostQueue: 'conformance', host: hostname(), epoch: await newEpoch(this.dir), devices: [] };
  }
}
