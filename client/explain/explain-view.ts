import type { Ansis } from 'ansis';
import { JOB_SYMBOLS } from '../../plan/job-symbols.ts';
import type { JobState } from '../../plan/protocol.ts';
import type { TrialRecord } from '../../report/collect/trial-record.ts';
import type { JobExplained } from '../../report/explain/explain-trial.ts';
import { paintState } from '../live-view.ts';
import { clip, wrap } from '../text.ts';

/** What a trial's workflow is said to have come to; null where no server was there to ask. */
export interface TrialSaid {
  state: string;
  /** Why it failed, or what it waits for. */
  why: string | null;
}

/** An explanation for people; no line is wider than `width` columns. */
export function explainLines(
  { id, workDir, plans, lacking }: TrialRecord,
  jobs: readonly JobExplained[],
  { width, paint, said }: { width: number; paint: Ansis; said: TrialSaid | null },
): string[] {
  const counts = (['done', 'reused', 'running', 'claiming', 'held', 'failed', 'skipped', 'pending'] as const)
    .map(state => ({ state, count: jobs.filter(job => job.state === state).length }))
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => `${count} ${WORDS[state]}`);
  const why = said?.why ? wrap(said.why, width - 2).map(line => `  ${line}`) : [];
  return [
    paint.bold(clip(`trial ${id}${said ? `: ${said.state}` : ''}`, width)),
    ...why,
    clip(`${jobs.length} ${jobs.length === 1 ? 'job' : 'jobs'}: ${counts.join(', ')}; in ${workDir}`, width),
    ...jobs.flatMap(job => ['', ...jobLines(job, plans.length, { width, paint })]),
    ...lacking.map(line => `note: ${line}`),
  ];
}

const WORDS: Record<JobState, string> = {
  done: 'run',
  reused: 'found done',
  running: 'running',
  claiming: 'waiting for a host',
  held: 'held',
  failed: 'failed',
  skipped: 'skipped',
  pending: 'not begun',
};

function jobLines(job: JobExplained, iterations: number, { width, paint }: { width: number; paint: Ansis }): string[] {
  const parts = [
    `${job.job} (${job.component})`,
    ...(iterations > 1 ? [`iteration ${job.iteration}`] : []),
    ...(job.host !== null && job.state !== 'reused' ? [`on ${job.host}`] : []),
    ...(job.devices.length > 0 ? [`${job.devices.length === 1 ? 'GPU' : 'GPUs'} ${job.devices.join(', ')}`] : []),
    ...(job.key === null ? [] : [`key ${job.key.slice(0, 12)}`]),
  ];
  const head = clip(`${JOB_SYMBOLS[job.state]} ${parts.join(', ')}`, width);
  const state = job.state === 'reused' ? 'done' : job.state === 'held' ? 'waiting' : job.state;
  const painted = job.state === 'pending' ? paint.dim(head) : paintState(state, head, paint);
  return [
    painted,
    ...job.because.flatMap(line => wrap(line, width - 4).map((each, at) => `${at === 0 ? '  ' : '    '}${each}`)),
  ];
}

/** An explanation in answer to `--json`. */
export function explainJson(
  { id, workDir }: TrialRecord,
  jobs: readonly JobExplained[],
  said: TrialSaid | null,
): object {
  return { id, workDir, state: said?.state ?? null, why: said?.why ?? null, jobs };
}
