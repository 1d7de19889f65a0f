import type { ComponentRegistry } from './component.ts';
import type { PlanJob } from './plan.ts';
import type { RungPlan } from './protocol.ts';

const TRAINING = 'TrainModelHook';

/**
 * The job by whose metric a sweep judges a trial while it runs, and its rungs: their `metric` is a key of that job's log, and `waits` holds
 * only where its program can. `<meta_name>.<key>` names the job, a plain `<key>` the first training. An answer that is a string says why
 * there is none.
 */
export function rungJob(
  jobs: readonly PlanJob[],
  registry: ComponentRegistry,
  rungs: RungPlan,
): { job: PlanJob; rungs: RungPlan } | string {
  const tellsSteps = (job: PlanJob) => registry.find(spec => spec.name === job.component)?.steps;
  const { job, key } = named(jobs, rungs.metric, tellsSteps);
  if (!job) return `rungs: metric ${rungs.metric}: ${missing(jobs, rungs.metric)}`;
  const steps = tellsSteps(job);
  if (!steps)
    return `rungs: metric ${rungs.metric}: ${job.id} (${job.component}) tells nothing step by step: name a metric of a training's log, such as loss`;
  const { sums, waits } = steps;
  const summed = typeof sums === 'function' ? sums(key) : Object.hasOwn(sums, key) ? sums[key] : undefined;
  const canWait = typeof waits === 'function' ? waits(job.config) : waits;
  return { job, rungs: { ...rungs, metric: summed ?? key, waits: rungs.waits && canWait } };
}

/** A meta_name may have dots too: the longest one that fits counts; of jobs that share it the first that tells steps. */
function named(
  jobs: readonly PlanJob[],
  metric: string,
  tellsSteps: (job: PlanJob) => unknown,
): { job: PlanJob | undefined; key: string } {
  if (!metric.includes('.')) return { job: jobs.find(job => job.hook === TRAINING), key: metric };
  const fitting = jobs.filter(({ metaName }) => metric.startsWith(`${metaName}.`));
  const longest = Math.max(0, ...fitting.map(job => job.metaName.length));
  const sharing = fitting.filter(job => job.metaName.length === longest);
  return { job: sharing.find(tellsSteps) ?? sharing[0], key: metric.slice(longest + 1) };
}

function missing(jobs: readonly PlanJob[], metric: string): string {
  if (!metric.includes('.')) return `the config has no job with hook ${TRAINING}`;
  const names = [...new Set(jobs.map(job => job.metaName))];
  return `no job has such a meta_name; there are: ${names.join(', ')}`;
}
