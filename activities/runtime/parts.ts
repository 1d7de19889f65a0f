import type { Plan, PlanJob } from '../../plan/plan.ts';
import type { JobDone, JobRef } from '../../plan/protocol.ts';
import type { Component } from '../component.ts';
import { createOnce } from './atomic.ts';
import { finishedParts, partDir, partFile } from './finished-parts.ts';
import { prepareRun } from './prepare-run.ts';
import type { RunServices } from './services.ts';

/** Runs one part unless it is done: evaluation goes on at the first missing part. */
export async function runPart(
  component: Component,
  plan: Plan,
  job: PlanJob & { key: string },
  dir: string,
  ref: JobRef,
  services: RunServices,
): Promise<JobDone> {
  const part = ref.part!;
  const started = Date.now();
  const found = (await finishedParts(dir, job))[part] !== undefined;
  if (!found) {
    const { run } = await prepareRun(plan, job, dir, partDir(dir, part), ref, services);
    if (!component.runPart) throw new Error(`component ${component.name} has no parts`);
    await createOnce(partFile(dir, part), JSON.stringify(await component.runPart(run, part)));
  }
  const seconds = (Date.now() - started) / 1000;
  return { job: job.id, key: job.key, reused: found, seconds, results: {}, metrics: {}, notes: [] };
}
