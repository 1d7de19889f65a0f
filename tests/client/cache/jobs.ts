// Jobs of several trials in one work_dir, as workers leave them.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { alone } from '../../../activities/runtime/alone.ts';
import { writePlan } from '../../../activities/runtime/plan-file.ts';
import { runJob } from '../../../activities/runtime/run-job.ts';
import type { PlanJob } from '../../../plan/plan.ts';
import type { JobRef } from '../../../plan/protocol.ts';
import { jobOnDisk, services, testComponent } from '../../support/job-on-disk.ts';

/** A work_dir that is removed after the test. */
export async function newWorkDir(): Promise<string> {
  const workDir = await mkdtemp(join(tmpdir(), 'cache-'));
  onTestFinished(() => rm(workDir, { recursive: true, force: true }));
  return workDir;
}

/** A trial's plan of one job, in the trial's folder. */
export async function planned(
  workDir: string,
  key: string,
  trial: string,
  more: Partial<PlanJob> = {},
): Promise<JobRef> {
  const { plan, ref, workDir: other } = await jobOnDisk({ key, ...more }, trial);
  await rm(other, { recursive: true, force: true });
  const path = join(workDir, 'trials', trial, 'plan-1.json');
  return { ...ref, plan: await writePlan(path, { ...plan, workDir, baseDir: workDir, publishNamed: false }) };
}

/** Runs (or finds done) a job that publishes one file of so many bytes. */
export async function published(workDir: string, key: string, trial: string, bytes = 1000): Promise<JobRef> {
  const ref = await planned(workDir, key, trial);
  await runJob(writer(bytes), ref, locked());
  return ref;
}

/** A component whose result is a file. */
export function writer(bytes: number, before: () => Promise<void> = async () => {}) {
  return testComponent({
    run: async run => {
      await before();
      const path = join(run.out, 'data.bin');
      await writeFile(path, 'x'.repeat(bytes));
      return { results: [{ path }] };
    },
  });
}

/** Surroundings of a job that takes the real lock. */
export function locked() {
  const never = new AbortController().signal;
  return services({ alone: (dir, work) => alone(dir, never, work) });
}
