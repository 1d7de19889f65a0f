// Why each job of a trial ran, was found done, was tried again, or failed: from plans, manifests, the records of its runs, and the history.

import { age, duration } from '../../plan/figures.ts';
import type { JobState, JobStatus } from '../../plan/protocol.ts';
import { firstPlanAt } from '../collect/plan-times.ts';
import { type JobRecord, jobRecords, type TrialRecord } from '../collect/trial-record.ts';
import type { Attempted, Told } from './attempted.ts';
import { type EarlierTrial, earlierTrials, whyNew } from './earlier-trials.ts';
import { type JobRuns, jobRunsTold } from './job-runs-told.ts';

export interface JobExplained {
  job: string;
  iteration: number;
  component: string;
  key: string | null;
  state: JobState;
  /** One sentence each; the first says what happened. */
  because: string[];
  /** Where it ran or runs; null where that is not known. */
  host: string | null;
  devices: string[];
  seconds: number | null;
  /** The trial that made its result. */
  madeBy: string | null;
  runs: number;
}

/** Explains a trial's jobs in the order in which they run. `asked`: what the server says, where one answers. */
export async function explainTrial(record: TrialRecord, asked: Told | null): Promise<JobExplained[]> {
  const begunAt = (await firstPlanAt(record.dir)) ?? 0;
  const records = await jobRecords(record);
  const own = records.filter(({ manifest }) => manifest === null || manifest.trial === record.id).map(({ job }) => job);
  const earlier = await earlierTrials(record, begunAt, own);
  const jobs: JobExplained[] = [];
  for (const each of records) {
    const status = statusOf(each, asked);
    const attempted = (asked?.attempted ?? []).filter(({ job }) => job === each.job.id);
    jobs.push(await explainJob(each, { record, begunAt, earlier, status, attempted }));
  }
  return jobs;
}

interface Known {
  record: TrialRecord;
  begunAt: number;
  earlier: readonly EarlierTrial[];
  status: JobStatus | null;
  attempted: readonly Attempted[];
}

/** What the workflow says of a job of the iteration that it is in. */
function statusOf({ job, iteration }: JobRecord, asked: Told | null): JobStatus | null {
  const progress = asked?.snapshot.progress;
  return progress?.iteration === iteration ? (progress.jobs.find(({ id }) => id === job.id) ?? null) : null;
}

async function explainJob(each: JobRecord, known: Known): Promise<JobExplained> {
  const { job, iteration, key, manifest } = each;
  const runs = await jobRunsTold(each.dir);
  const state = stateOf(each, runs, known);
  const tries = triesTold(known.attempted);
  const made = state === 'reused' ? [] : [...runsTold(runs), ...tries];
  return {
    job: job.id,
    iteration,
    component: job.component,
    key,
    state,
    because: [...whatHappened(each, state, runs, known), ...made],
    host: manifest?.host ?? known.status?.host ?? runs.claim?.host ?? null,
    devices: manifest?.devices ?? [],
    seconds: manifest?.seconds ?? null,
    madeBy: manifest?.trial ?? null,
    runs: runs.runs,
  };
}

function stateOf(
  { manifest }: JobRecord,
  { exit, claim, runs }: JobRuns,
  { record, begunAt, status }: Known,
): JobState {
  if (status && status.state !== 'pending') return status.state;
  // A manifest of before this trial was planned is of an earlier run, also of one under the same id.
  if (manifest) return manifest.trial === record.id && Date.parse(manifest.finishedAt) >= begunAt ? 'done' : 'reused';
  if (claim) return 'running';
  if (exit?.why === 'held') return 'held';
  if (exit && (exit.why !== 'exited' || exit.code !== 0)) return 'failed';
  return runs > 0 && exit === null ? 'failed' : 'pending';
}

function whatHappened(each: JobRecord, state: JobState, runs: JobRuns, known: Known): string[] {
  const { manifest, damaged } = each;
  const { status } = known;
  const broken = damaged === null ? [] : [damaged];
  switch (state) {
    case 'reused':
      return [...broken, reusedTold(each, known)];
    case 'done':
      return [...broken, `ran${manifest ? ` ${duration(manifest.seconds)}` : ''}: ${whyRan(each, known)}`];
    case 'failed':
      return [
        ...broken,
        `failed: ${failedTold(status, runs)}`,
        ...(status?.error?.log ? [`log: ${status.error.log}`] : []),
      ];
    case 'held':
      return [
        ...broken,
        'saved its state and gave its host back: it goes on after `dj-sandbox resume`, or when it is promoted',
      ];
    case 'running':
    case 'claiming':
      return [...broken, runningTold(runs, state), `why it runs: ${whyRan(each, known)}`];
    case 'skipped':
      return [...broken, 'skipped by hand'];
    default:
      return [...broken, 'has not begun'];
  }
}

function reusedTold({ manifest, key }: JobRecord, { record, begunAt }: Known): string {
  if (!manifest) return `done before, under key ${key}`;
  const who = manifest.trial === record.id ? 'an earlier run of this trial' : `trial ${manifest.trial}`;
  const before = begunAt - Date.parse(manifest.finishedAt);
  // Two that need a job at once run it once.
  const when = before >= 0 ? `${age(before)} before` : 'meanwhile';
  return `found done: ${who} made it ${when} (${manifest.finishedAt.slice(0, 19).replace('T', ' ')} UTC), in ${duration(manifest.seconds)} on ${manifest.host}`;
}

function whyRan({ job, iteration }: JobRecord, { record, earlier }: Known): string {
  if (job.run !== undefined && job.cache) return 'it was asked for anew (`resume-from`)';
  if (!job.cache) return 'its results are not kept for others (cache: false)';
  const plan = record.plans.find(each => each.plan.iteration === iteration)!.plan;
  const found = whyNew(job, plan, earlier);
  if (!found) return 'no earlier trial of this work_dir had such a job';
  if (found.reasons.length === 0) return `trial ${found.trial} had the same job and left no result of it that is whole`;
  return `it is not the one of trial ${found.trial}: ${found.reasons.join('; ')}`;
}

function failedTold(status: JobStatus | null, { exit }: JobRuns): string {
  if (status?.error) return status.error.why;
  if (!exit) return 'its last run ended without a result (the server knows why)';
  const how = exit.signal ?? (exit.code === null ? null : `exit code ${exit.code}`);
  return exit.detail ?? `its program ended with ${how ?? exit.why}`;
}

function runningTold({ claim }: JobRuns, state: JobState): string {
  if (state === 'claiming') return 'waits for a host';
  return claim ? `runs on ${claim.host} for trial ${claim.trial}` : 'runs';
}

function runsTold({ runs, told }: JobRuns): string[] {
  // One segment from the beginning to the end is no story.
  if (told.length > 1 || told.some(line => !/from the beginning: it ended(?! \()/.test(line))) return told;
  return runs > 1 ? [`it took ${runs} runs`] : [];
}

function triesTold(attempted: readonly Attempted[]): string[] {
  return attempted.flatMap(({ activity, part, attempt, ended, why }) => {
    if (attempt === 1 && (ended === 'done' || ended === null)) return [];
    const name = `${activity}${part === null ? '' : ` (${part})`}`;
    const end = ended === null ? 'goes on' : ended;
    return [
      `${name}, attempt ${attempt}: ${end}${why === null ? '' : `; ${ended === 'done' || ended === null ? 'the attempt before: ' : ''}${why}`}`,
    ];
  });
}
