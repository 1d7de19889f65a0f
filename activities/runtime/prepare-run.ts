import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plan, PlanJob } from '../../plan/plan.ts';
import type { JobRef } from '../../plan/protocol.ts';
import type { JobRun } from '../component.ts';
import { bindForRun } from './bind-run.ts';
import { finishedParts } from './finished-parts.ts';
import type { RunServices } from './services.ts';
import { supervisorFiles } from './supervisor-files.ts';

/** Binds the config and makes the folders of a run in `folder`. */
export async function prepareRun(
  plan: Plan,
  job: PlanJob,
  dir: string,
  folder: string,
  ref: JobRef,
  services: RunServices,
) {
  const out = join(folder, 'out');
  // What an attempt that died left here is no result, unless its program went on and is attached to.
  if (!existsSync(supervisorFiles(folder).spec)) await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const bound = await bindForRun(plan, job, out, services.registry);
  const log = join(folder, 'log.txt');
  services.at({ dir, log });
  const devices = ref.claim?.devices ?? [];
  const run: JobRun = {
    job,
    config: bound.config,
    out,
    dir: folder,
    needs: bound.needs,
    parts: await finishedParts(dir, job),
    devices,
    signal: services.signal,
    log,
    progress: services.progress,
    program: spec => services.program(spec, { dir: folder, epoch: ref.claim?.epoch ?? 0, devices }),
  };
  return { run, writes: bound.writes, producers: bound.producers };
}
