// A finished trial on disk: plan, manifests and metrics as the workers leave them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Snapshot } from '../../client/snapshot.ts';
import type { Manifest } from '../../plan/manifest.ts';
import type { Plan, PlanJob, StageName } from '../../plan/plan.ts';
import { STAGES } from '../../plan/plan.ts';
import { job as jobStatus, progress, START, snapshot } from './snapshots.ts';

export interface JobOnDisk {
  stage: StageName;
  component: string;
  metaName: string;
  metrics?: Record<string, number>;
  /** Output name → path inside the job's folder. */
  outputs?: Record<string, string>;
}

/** Writes a trial into `workDir` and returns it as seen by the CLI after it ended. */
export function finishedTrial(workDir: string, jobs: JobOnDisk[]): Snapshot {
  const planJobs = jobs.map((job, i) => writeJob(workDir, job, i + 1));
  const plan = {
    projectName: 'project',
    experimentName: 'experiment',
    iteration: 1,
    workDir,
    pipelines: [
      { name: 'anonymous', stages: STAGES.map(name => ({ name, jobs: planJobs.filter(job => job.stage === name) })) },
    ],
  } as unknown as Plan;
  const file = join(workDir, 'plan-1.json');
  writeFileSync(file, JSON.stringify(plan));
  const statuses = planJobs.map(job => ({ ...jobStatus(job.n, job.component, job.metaName, 'done'), id: job.id }));
  return snapshot(
    progress(statuses, { workDir, trialDir: join(workDir, 'trials', 't'), plan: { path: file, sha256: '' } }),
    {
      status: 'COMPLETED',
      closedAt: START + 142_000,
      result: {
        state: 'done',
        iterations: 1,
        targetsMet: null,
        trialDir: join(workDir, 'trials', 't'),
        jobs: { run: jobs.length - 1, reused: 1, skipped: 0 },
        metrics: {},
      },
    },
  );
}

function writeJob(workDir: string, { stage, component, metaName, metrics, outputs }: JobOnDisk, n: number): PlanJob {
  const key = String(n).repeat(64).slice(0, 64);
  const dir = join(workDir, 'jobs', key);
  mkdirSync(join(dir, 'epoch-1', 'out'), { recursive: true });
  const paths = Object.entries(outputs ?? {});
  const manifest = {
    epoch: 1,
    seconds: 1,
    metrics: metrics ?? {},
    results: paths.map(([, path]) => ({ kind: 'path', path })),
    writes: {},
    notes: [],
  } as unknown as Manifest;
  writeFileSync(join(dir, 'manifest.json'), JSON.stringify(manifest));
  for (const [, path] of paths) writeFileSync(join(dir, path), '');
  const names = paths.map(([name]) => name);
  return {
    id: `anonymous.${n}-${metaName}`,
    stage,
    n,
    component,
    metaName,
    key,
    outputs: names,
    writes: [],
  } as unknown as PlanJob;
}
