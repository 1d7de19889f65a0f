import { existsSync } from 'node:fs';
import { registry } from '../activities/components.ts';
import { jobDir, manifestPath } from '../activities/runtime/job-dir.ts';
import { keyed } from '../activities/runtime/keyed.ts';
import type { Plan, PlanJob } from '../plan/plan.ts';
import { clip, column, columns } from './text.ts';

/** A plan in answer to `dj-sandbox plan --json`. */
export interface PlanView {
  project: string;
  experiment: string;
  workDir: string;
  maxIterNum: number;
  notes: string[];
  pipelines: { name: string; stages: { name: string; jobs: JobView[] }[] }[];
}

export interface JobView {
  id: string;
  hook: string;
  metaName: string;
  /** `extra_configs.type`. */
  type: string | null;
  component: string;
  tag: string;
  gpus: number;
  key: string | null;
  /** `reusable`: a result with this key is there, so that nothing would be run. */
  status: 'new' | 'reusable';
  parts: string[] | null;
  outputs: string[];
  inputs: { into: string; from: string }[];
  /** Jobs whose results it takes. */
  after: string[];
}

/** A plan's jobs with their keys, and whether each has been done already. */
export async function planView(compiled: Plan): Promise<PlanView> {
  const plan = await keyed(compiled, registry);
  return {
    project: plan.projectName,
    experiment: plan.experimentName,
    workDir: plan.workDir,
    maxIterNum: plan.maxIterNum,
    notes: plan.notes,
    pipelines: plan.pipelines.map(pipeline => ({
      name: pipeline.name,
      stages: pipeline.stages.map(stage => ({ name: stage.name, jobs: stage.jobs.map(job => jobView(job, plan)) })),
    })),
  };
}

function jobView(job: PlanJob, { workDir }: Plan): JobView {
  const reusable = job.cache && job.key !== null && existsSync(manifestPath(jobDir(workDir, job.key)));
  return {
    id: job.id,
    hook: job.hook,
    metaName: job.metaName,
    type: job.type,
    component: job.component,
    tag: job.resources.tag,
    gpus: job.resources.gpus,
    key: job.key,
    status: reusable ? 'reusable' : 'new',
    parts: job.parts,
    outputs: job.outputs,
    inputs: job.inputs.map(({ into, from }) => ({ into, from })),
    after: [
      ...new Set([
        ...job.inputs.map(input => input.ref.job),
        ...job.edges.map(edge => edge.job),
        ...job.needs.map(need => need.job),
      ]),
    ],
  };
}

/** A plan for people, a line a job, no wider than `width` columns. */
export function planLines(view: PlanView, width: number): string[] {
  const rows = view.pipelines.flatMap(pipeline =>
    pipeline.stages.flatMap(stage =>
      stage.jobs.map(job => [
        pipeline.name,
        stage.name,
        job.component,
        job.metaName,
        job.tag + (job.gpus > 1 ? `×${job.gpus}` : ''),
        job.status,
        job.key?.slice(0, 12) ?? '',
      ]),
    ),
  );
  const table = [['PIPELINE', 'STAGE', 'COMPONENT', 'META_NAME', 'TAG', '', 'KEY'], ...rows];
  const widths = table[0]!.map((_, index) => Math.max(...table.map(cells => columns(cells[index]!))));
  return [
    `${view.project} / ${view.experiment} in ${view.workDir}`,
    ...table.map(cells =>
      clip(
        cells
          .map((cell, index) => column(cell, widths[index]!))
          .join('  ')
          .trimEnd(),
        width,
      ),
    ),
    ...view.notes.map(note => `note: ${note}`),
  ];
}
