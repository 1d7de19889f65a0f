import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Plan, PlanJob } from '../../plan/plan.ts';
import type { JobRef } from '../../plan/protocol.ts';
import type { JobRun } from '../component.ts';
import { writeAtomically } from './atomic.ts';
import { bindForRun } from './bind-run.ts';
import { runEnvironment } from './environments/run-environment.ts';
import { finishedParts } from './finished-parts.ts';
import { handOverCheckpoints, handOverOutputs, type RunRecord, runRecordPath } from './hand-over.ts';
import { assertNewest } from './job-dir.ts';
import type { RunServices } from './services.ts';
import { supervisorFiles } from './supervisor-files.ts';

/** Binds the config and makes the folders of a run in `folder`; what earlier runs of the job got done is brought in. */
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
  const fresh = !existsSync(supervisorFiles(folder).spec);
  if (fresh) await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const bound = await bindForRun(plan, job, out, services.registry);
  const { keepsOutputs = false } = services.registry.find(spec => spec.name === job.component) ?? {};
  if (fresh && keepsOutputs) await handOverOutputs(folder, bound.writes);
  await noteRun(folder, bound.writes);
  const log = join(folder, 'log.txt');
  services.at({ dir, log });
  const devices = ref.claim?.devices ?? [];
  let programs = 0;
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
    environment: (choice, locked) =>
      runEnvironment(choice, locked, {
        job,
        dir: folder,
        signal: services.signal,
        onPhase: phase => services.progress({ phase }),
      }),
    program: async spec => {
      programs += 1;
      if (spec.checkpoints) await handOverCheckpoints(folder, programs, spec.checkpoints.dir);
      try {
        return await services.program(spec, { dir: folder, epoch: ref.claim?.epoch ?? 0, devices });
      } catch (error) {
        // A newer run has ended it: that is not this one's failure.
        if (ref.claim) await assertNewest(dir, ref.claim.epoch);
        throw error;
      }
    },
  };
  return { run, writes: bound.writes, producers: bound.producers };
}

async function noteRun(folder: string, writes: Record<string, string>): Promise<void> {
  const inside = Object.entries(writes).map(([at, path]) => [at, relative(folder, path)] as const);
  const record: RunRecord = { writes: Object.fromEntries(inside) };
  await writeAtomically(runRecordPath(folder), JSON.stringify(record));
}
