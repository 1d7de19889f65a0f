// A new trial that begins in the middle of an earlier one.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { registry } from '../activities/components.ts';
import { jobDir, manifestPath } from '../activities/runtime/job-dir.ts';
import { keyed } from '../activities/runtime/keyed.ts';
import { jobsOf, type Plan, type PlanJob } from '../plan/plan.ts';
import type { TrialInput, TrialProgress } from '../plan/protocol.ts';
import { newTrialId, required, settings } from './arguments.ts';
import { compileConfig, countErrors, reportDiagnostics } from './compile-config.ts';
import { withServer } from './connect.ts';
import { CommandFailure, EXIT } from './failure.ts';
import { jobNamed } from './job-named.ts';
import { runTrial } from './run-trial.ts';
import { trialInput, trialProgress } from './trials.ts';

export interface ResumeFromOptions {
  job?: string;
  set?: string[];
  id?: string;
  detach?: boolean;
  json?: boolean;
}

/**
 * Starts a trial with the config of trial `id` that takes all results before a job, and runs that job and what follows. Returns the exit code.
 * @throws CommandFailure when there is no such trial or job.
 */
export async function resumeFrom(id: string, options: ResumeFromOptions): Promise<number> {
  const name = required('--job', options.job);
  const more = settings(options.set ?? []);
  const { input, progress } = await withServer(async server => ({
    input: await trialInput(server, id),
    progress: await trialProgress(server, id),
  }));
  const request = {
    config: input.config,
    set: { ...(progress.set ?? input.set), ...more },
    baseDir: input.baseDir ?? process.cwd(),
    workDir: input.workDir,
  };
  const compiled = compileConfig(request);
  if (!compiled.ok) {
    reportDiagnostics(compiled.errors);
    process.stderr.write(`${countErrors(request.config, compiled.errors)}: nothing was started\n`);
    return EXIT.badInput;
  }
  const newId = options.id ?? newTrialId(compiled.plan.experimentName);
  const old = await firstPlan(id, progress);
  const { runs, notes } = await takeOver(compiled.plan, old, name, newId);
  for (const note of [...changedSources(compiled.plan, old), ...notes]) process.stderr.write(`${note}\n`);
  return await runTrial({ ...request, runs, id: newId, detach: options.detach, json: options.json });
}

interface TakenOver {
  /** See TrialInput. */
  runs: NonNullable<TrialInput['runs']>;
  notes: string[];
}

/** Whose results the new trial takes, and what a user should know of it. */
export async function takeOver(plan: Plan, old: Plan, name: string, newId: string): Promise<TakenOver> {
  const jobs = jobsOf(plan);
  const from = jobNamed(jobs, name);
  const at = jobs.indexOf(from);
  const owners = new Map(jobsOf(old).map(job => [job.id, job.run]));
  const runs: Record<string, string> = {};
  for (const job of jobs.slice(0, at + 1)) {
    const owner = owners.get(job.id);
    if (owner !== undefined) runs[job.id] = owner;
  }
  const before = jobsOf(await keyed(plan, registry, newId, runs));
  const published = (job: PlanJob) => job.key !== null && existsSync(manifestPath(jobDir(plan.workDir, job.key)));
  const notes = before
    .slice(0, at)
    .filter(job => !published(job))
    .map(job => `${job.id} has no published result with this config: it is run too`);
  if (published(before[at]!)) runs[from.id] = newId;
  return { runs, notes };
}

/** The plan of the earlier trial's first iteration. */
async function firstPlan(id: string, { plan, iteration }: TrialProgress): Promise<Plan> {
  if (!plan) throw new CommandFailure(`trial ${id} was never compiled: it has nothing to go on from`);
  const path = iteration === 1 ? plan.path : join(dirname(plan.path), 'plan-1.json');
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Plan;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandFailure(`the plan of trial ${id} cannot be read here: ${why}`, EXIT.failed, { cause: error });
  }
}

function changedSources(plan: Plan, old: Plan): string[] {
  return plan.sources
    .filter(({ path, sha256 }) => old.sources.some(source => source.path === path && source.sha256 !== sha256))
    .map(({ path }) => `${path} has changed since that trial: a job that this changes is run too`);
}
