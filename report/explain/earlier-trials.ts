// Why a job ran although earlier trials had one like it: what is not the same.
import { isWithin } from '../../plan/dotted.ts';
import { type Json, jobsOf, type Plan, type PlanJob } from '../../plan/plan.ts';
import { planTimes } from '../collect/plan-times.ts';
import { idsIn, readTrialRecord, type TrialRecord } from '../collect/trial-record.ts';
import { diffFacts } from '../diff/diff-trials.ts';
import { flatten, valueText } from '../diff/flatten.ts';

/** So many trials before this one are looked at, and so many at a time. */
const MOST_TRIALS = 500;
const AT_A_TIME = 25;
const MOST_REASONS = 4;

export interface EarlierTrial {
  id: string;
  plan: Plan;
}

/** The trials of a work_dir that were planned before `record`, the newest first; no more than it takes to find one like each of `jobs`. */
export async function earlierTrials(
  record: TrialRecord,
  begunAt: number,
  jobs: readonly PlanJob[],
): Promise<EarlierTrial[]> {
  const ids = (await idsIn(record.workDir, 'trials')).filter(id => id !== record.id);
  const times = await planTimes(record.workDir, ids);
  const before = [...times].filter(([, at]) => at < begunAt).sort((a, b) => b[1] - a[1]);
  const found: EarlierTrial[] = [];
  let lacking = [...jobs];
  for (let at = 0; at < Math.min(before.length, MOST_TRIALS) && lacking.length > 0; at += AT_A_TIME) {
    const some = before.slice(at, at + AT_A_TIME);
    for (const each of await Promise.all(some.map(([id]) => readTrialRecord(record.workDir, id))))
      if (each) found.push({ id: each.id, plan: each.plans[0]!.plan });
    lacking = lacking.filter(job => !found.some(({ plan }) => jobLike(job, plan)));
  }
  return found;
}

/** The job of a plan that would be this one, were nothing changed. */
function jobLike(job: PlanJob, plan: Plan): PlanJob | undefined {
  return jobsOf(plan).find(each => each.id === job.id && each.component === job.component);
}

/** In clauses, why a job of this plan is another than the newest earlier one like it; null where there is none. */
export function whyNew(
  job: PlanJob,
  plan: Plan,
  earlier: readonly EarlierTrial[],
): { trial: string; reasons: string[] } | null {
  const found = earlier.flatMap(({ id, plan: other }) => {
    const like = jobLike(job, other);
    return like ? [{ trial: id, like, other }] : [];
  });
  const newest = found[0];
  if (!newest) return null;
  const reasons = reasonsOf(job, plan, newest.like, newest.other);
  const more = reasons.length - MOST_REASONS;
  const shown = more > 0 ? [...reasons.slice(0, MOST_REASONS), `${more} more, see \`dj-sandbox diff\``] : reasons;
  return { trial: newest.trial, reasons: shown };
}

function reasonsOf(job: PlanJob, plan: Plan, like: PlanJob, other: Plan): string[] {
  const producers = producersOf(job).filter(id => keyIn(plan, id) !== keyIn(other, id));
  const reads = (job.reads ?? []).filter(
    read => like.reads?.find(({ at }) => at === read.at)?.fingerprint !== read.fingerprint,
  );
  const version =
    job.componentVersion === like.componentVersion
      ? []
      : [`the component is of version ${job.componentVersion}, not ${like.componentVersion}`];
  const places = [...(job.reads ?? []), ...(job.edges ?? []), ...(job.writes ?? [])].map(({ at }) => at);
  const inputs = (job.inputs ?? []).map(({ into }) => into);
  const isPlace = (name: string) => [...places, ...inputs].some(at => isWithin(name, at));
  const config = diffFacts('config', flatten(like.config as unknown as Json), flatten(job.config as unknown as Json));
  return [
    ...version,
    ...config.filter(({ name }) => !isPlace(name)).map(({ name, a, b }) => `${name} is ${short(b)}, not ${short(a)}`),
    ...reads.map(read => `other content of ${read.path}`),
    ...producers.map(id => `another result of ${id}`),
  ];
}

const short = (value: Json | undefined) => (value === undefined ? 'not set' : valueText(value).slice(0, 80));

function producersOf(job: PlanJob): string[] {
  const all = [
    ...(job.inputs ?? []).map(input => input.ref.job),
    ...(job.edges ?? []).map(edge => edge.job),
    ...(job.needs ?? []).map(need => need.job),
  ];
  return [...new Set(all)];
}

const keyIn = (plan: Plan, id: string) => jobsOf(plan).find(job => job.id === id)?.key ?? null;
