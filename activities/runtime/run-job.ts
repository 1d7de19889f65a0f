import { hostname } from 'node:os';
import type { Manifest, Result } from '../../plan/manifest.ts';
import type { Plan, PlanJob } from '../../plan/plan.ts';
import type { JobDone, JobRef } from '../../plan/protocol.ts';
import type { Component, JobResult, JobRun } from '../component.ts';
import { doneFrom } from './done.ts';
import { environmentRecords } from './environments/run-environment.ts';
import { assertNewest, epochDir, intactManifest, jobDir, newEpoch } from './job-dir.ts';
import { runPart } from './parts.ts';
import { jobIn, readPlan } from './plan-file.ts';
import { prepareRun } from './prepare-run.ts';
import { checkWritable, insideJob, listedPath, publishManifest, publishNamed, sealFiles } from './publish.ts';
import type { RunServices } from './services.ts';
import { linkIntoTrial } from './trial-dir.ts';

/** One job (or one part of it) of a plan, from its reference to its published manifest. Safe to run twice, at once or a day later. */
export async function runJob(component: Component, ref: JobRef, services: RunServices): Promise<JobDone> {
  const plan = await readPlan(ref.plan);
  const job = jobIn(plan, ref.job);
  const dir = jobDir(plan.workDir, job.key);
  services.at({ dir, log: null });
  const found = await intactManifest(dir);
  if (found.manifest) return await deliver(plan, job, dir, found.manifest, ref, true);
  return await services.alone(dir, async () => {
    await services.holdClaim(dir, job.resources.gpus);
    if (ref.part !== undefined) return await runPart(component, plan, job, dir, ref, services);
    const again = await intactManifest(dir);
    if (again.manifest) return await deliver(plan, job, dir, again.manifest, ref, true);
    if (plan.publishNamed !== false) for (const write of job.writes) await checkWritable(write);
    for (const part of job.parts ?? []) await runPart(component, plan, job, dir, { ...ref, part }, services);
    const epoch = ref.claim?.epoch ?? (await newEpoch(dir));
    const run = await prepareRun(plan, job, dir, epochDir(dir, epoch), ref, services);
    const startedAt = new Date();
    const began = performance.now();
    const result = await component.run(run.run);
    run.run.progress({ phase: 'publishing' });
    const made = await manifestOf({
      plan,
      job,
      dir,
      epoch,
      ref,
      startedAt,
      seconds: (performance.now() - began) / 1000,
      result,
      ...run,
    });
    if (found.note) made.notes.push(found.note);
    await assertNewest(dir, epoch);
    return await deliver(plan, job, dir, await publishManifest(dir, made), ref, false);
  });
}

interface Made {
  plan: Plan;
  job: PlanJob & { key: string };
  dir: string;
  epoch: number;
  ref: JobRef;
  startedAt: Date;
  /** Until the component had ended; not by the clock on the wall, which may be set back. */
  seconds: number;
  result: JobResult;
  run: JobRun;
  writes: Record<string, string>;
  producers: string[];
}

async function manifestOf({
  job,
  dir,
  epoch,
  ref,
  startedAt,
  seconds,
  result,
  run,
  writes,
  producers,
}: Made): Promise<Manifest> {
  const files = await sealFiles(run.out, dir);
  const environments = await environmentRecords(dir, run.dir);
  const inside = (paths: Record<string, string>) =>
    Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, insideJob(dir, path)]));
  return {
    version: 1,
    key: job.key,
    component: job.component,
    componentVersion: job.componentVersion,
    hook: job.hook,
    epoch,
    trial: ref.trial.id,
    job: job.id,
    host: hostname(),
    startedAt: startedAt.toISOString(),
    finishedAt: new Date().toISOString(),
    seconds,
    config: run.config,
    producers,
    results: result.results.map((one): Result => {
      if ('path' in one) return { kind: 'path', path: insideJob(dir, one.path) };
      if ('paths' in one) return { kind: 'paths', paths: one.paths.map(path => listedPath(dir, path)) };
      return { kind: 'value', value: one.value };
    }),
    writes: inside(writes),
    metrics: result.metrics ?? {},
    provides: inside(result.provides ?? {}),
    files,
    versions: result.versions ?? {},
    ...(environments.length > 0 && { environments }),
    devices: run.devices,
    notes: result.notes ?? [],
  };
}

/** Makes a published job's results reachable from the paths that the config names and from the trial's folder. */
export async function deliver(
  plan: Plan,
  job: PlanJob,
  dir: string,
  manifest: Manifest,
  { trial, sweep }: Pick<JobRef, 'trial' | 'sweep'>,
  reused: boolean,
): Promise<JobDone> {
  if (plan.publishNamed !== false) await publishNamed(plan, job, dir, manifest);
  await linkIntoTrial(plan, job, dir, trial);
  return doneFrom(job, dir, manifest, reused, sweep?.metrics);
}
