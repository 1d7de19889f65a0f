import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Component, JobRun } from '../../activities/component.ts';
import { chosenEnvironment } from '../../activities/runtime/environments/choose.ts';
import type { Progress } from '../../activities/runtime/progress.ts';
import type { JsonObject, PlanJob } from '../../plan/plan.ts';

/** A run of a component outside Temporal, as the shared implementation would hand it over; `seen` collects its progress. */
export async function jobRun(
  component: Component,
  dir: string,
  config: { dj_configs?: JsonObject; extra_configs?: JsonObject },
  more: Partial<JobRun> = {},
): Promise<JobRun & { seen: Omit<Progress, 'job'>[] }> {
  const seen: Omit<Progress, 'job'>[] = [];
  const out = join(dir, 'out');
  await mkdir(out, { recursive: true });
  const job = { id: `anonymous.1-${component.name}`, metaName: 'm', component: component.name } as PlanJob;
  return {
    job,
    config: { dj_configs: config.dj_configs ?? null, extra_configs: config.extra_configs ?? null },
    out,
    dir,
    needs: {},
    parts: {},
    devices: [],
    signal: new AbortController().signal,
    log: join(dir, 'log.txt'),
    progress: progress => seen.push(progress),
    environment: async (choice, locked) => chosenEnvironment(choice, locked),
    program: () => Promise.reject(new Error('this component starts no program')),
    ...more,
    seen,
  };
}
