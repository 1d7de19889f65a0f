import type { JobRef, TrialReport } from '../../plan/protocol.ts';
import { meanOfTenth, type StepValues, stepValues } from './step-values.ts';

export type RungReport = Extract<TrialReport, { kind: 'rung' }>;

/** A job that tells its sweep how it goes. */
export type RungJob = Required<Pick<JobRef, 'rungs' | 'sweep'>>;

/** What a metrics.jsonl says of a rung of the job's plan: the mean over the last tenth of the steps up to it. */
export async function rungReport({ rungs, sweep }: RungJob, rung: number, metrics: string): Promise<RungReport> {
  const step = rungs.steps[rung]!;
  const read = await stepValues(metrics, rungs.metric);
  const told = { trial: sweep.trial, kind: 'rung' as const, rung, step };
  const value = valueAt(read, step);
  if (value !== null || read.values.length > 0) return { ...told, value };
  return { ...told, value, known: read.known };
}

function valueAt({ values }: StepValues, step: number): number | null {
  const value = meanOfTenth(
    values.filter(each => each.step <= step).map(each => each.value),
    'last',
  );
  return Number.isFinite(value) ? value : null;
}
