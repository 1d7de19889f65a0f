import type { Plan, PlanJob } from '../../plan/plan.ts';
import type { JobDone, JobRef } from '../../plan/protocol.ts';
import type { Component } from '../component.ts';
import { createOnce } from './atomic.ts';
import { finishedParts, partDir, partFile } from './finished-parts.ts';
import { assertNewest, epochDir, newEpoch } from './job-dir.ts';
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
  const started = performance.now();
  const found = (await finishedParts(dir, job))[part] !== undefined;
  if (!found) {
    if (!component.runPart) throw new Error(`component ${component.name} has no parts`);
    const place = partDir(dir, part);
    const epoch = ref.claim?.epoch ?? (await newEpoch(place));
    const { run } = await prepareRun(plan, job, dir, epochDir(place, epoch), ref, services);
    const result = await component.runPart(run, part);
    if (ref.claim) await assertNewest(dir, epoch);
    await createOnce(partFile(dir, part), JSON.stringify(result));
  }
  const seconds = (performance.now() - started) / 1000;
  return { job: job.id, key: job.key, reused: found, seconds, results: {}, metrics: {}, notes: [] };
}
