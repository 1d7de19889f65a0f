// What a sweep cost, and what its early ends and what was there before saved, as far as files tell.
import { type Origin, origin } from '../figure.ts';
import type { ReportedTrial, SweepModel } from './sweep.ts';
import type { JobWork, TrialWork } from './trial-work.ts';

/** A number with the files that it is computed from. */
export interface Sum {
  value: number;
  of: Origin[];
}

export interface SweepCost {
  /** Seconds from the opening to the end, or until now. */
  wall: Sum;
  /** Seconds for which trials that have ended held GPUs, times their number. */
  gpu: Sum;
  /** Seconds that jobs of these trials ran, side by side ones each for itself. */
  busy: Sum;
  jobs: { ran: number; reused: number; open: number };
  /** Null: nothing was reused. */
  reused: { jobs: number; ofSweep: number; seconds: Sum; gpu: Sum } | null;
  /** Null: no trial was stopped before its end, or nothing tells how long one would have taken. */
  early: EarlySavings | null;
  /** Steps that trials which went on from a rung did not train again; null: none did. */
  continued: { trials: number; steps: Sum; seconds: number | null } | null;
  /** Steps that were trained and lost, as programs died beyond their last checkpoint. */
  lost: Sum;
}

/** What the trials that were stopped early were spared. Estimates: they did not run. */
export interface EarlySavings {
  trials: number;
  /** Steps of a whole training. */
  full: number;
  steps: Sum;
  /** Mean of this sweep's own trainings, start-up included; null: none tells. */
  secondsPerStep: number | null;
  /** Jobs that come after the training, by their means over trials that ran them. */
  later: { job: string; seconds: number; trials: number }[];
  /** All in all; null where the trainings do not tell their speed. */
  seconds: number | null;
}

export function sweepCost(model: SweepModel): SweepCost {
  const { trials, ledger, startedAt, until } = model;
  const ended = trials.filter(({ lines }) => lines.end !== null);
  const works = trials.flatMap(trial => trial.work.jobs.map(job => ({ trial, job })));
  const ran = works.filter(({ job }) => job.state === 'ran' || job.segments.length > 0);
  const last = ledger.decisions.at(-1)?.line ?? 0;
  return {
    wall: {
      value: Math.max(0, until - startedAt) / 1000,
      of: [origin(ledger.file, 0, 't'), origin(ledger.file, last, 't')],
    },
    gpu: {
      value: sum(ended.map(({ gpuSeconds }) => gpuSeconds)),
      of: ended.map(({ lines }) => origin(ledger.file, lines.end!, 'gpuSeconds')),
    },
    busy: { value: sum(ran.map(({ job }) => secondsOf(job, until))), of: ran.flatMap(({ job }) => originsOf(job)) },
    jobs: {
      ran: works.filter(({ job }) => job.state === 'ran').length,
      reused: works.filter(({ job }) => job.state === 'reused').length,
      open: works.filter(({ job }) => job.state === 'open').length,
    },
    reused: reuse(model),
    early: earlySavings(model),
    continued: continued(model),
    lost: lostSteps(works.map(({ job }) => job)),
  };
}

export const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** What a job took: all stretches of its program, else its run. */
export function secondsOf({ segments, seconds }: JobWork, now: number): number {
  return segments.length > 0
    ? sum(segments.map(({ from, to }) => Math.max(0, (to ?? now) - from) / 1000))
    : (seconds ?? 0);
}

export function originsOf({ segments, key }: JobWork): Origin[] {
  if (segments.length > 0) return segments.map(({ file, index }) => origin(file, index, 't'));
  return key === null ? [] : [origin(`jobs/${key}/manifest.json`, 'seconds')];
}

/** What trials found done: `id` is that of their sweep or study. */
export function reuse({ id, trials }: { id: string; trials: readonly { work: TrialWork }[] }): SweepCost['reused'] {
  const jobs = trials.flatMap(({ work }) => work.jobs.filter(({ state }) => state === 'reused'));
  if (jobs.length === 0) return null;
  const of = jobs.map(({ key }) => origin(`jobs/${key}/manifest.json`, 'seconds'));
  return {
    jobs: jobs.length,
    ofSweep: jobs.filter(({ by }) => by?.startsWith(`${id}.trial-`)).length,
    seconds: { value: sum(jobs.map(({ seconds }) => seconds ?? 0)), of },
    gpu: { value: sum(jobs.map(({ seconds, devices }) => (seconds ?? 0) * devices.length)), of },
  };
}

/** The training by whose metric the sweep judges, else any job whose program counts steps. */
function isTraining({ metaName, segments }: JobWork, { rungs }: Pick<SweepModel, 'rungs'>): boolean {
  return rungs ? rungs.metric.startsWith(`${metaName}.`) : segments.some(({ furthest }) => (furthest ?? 0) > 0);
}

function secondsPerStep(model: SweepModel): number | null {
  const segments = model.trials
    .flatMap(({ work }) => work.jobs.filter(job => isTraining(job, model)))
    .flatMap(job =>
      job.segments.filter(({ to, furthest, step }) => to !== null && furthest !== null && furthest > step),
    );
  const steps = sum(segments.map(({ furthest, step }) => furthest! - step));
  return steps > 0 ? sum(segments.map(({ from, to }) => (to! - from) / 1000)) / steps : null;
}

/** Steps of a whole training: of the trials that came to their end, else what the sweep's file says. */
function fullSteps({ trials, spec }: SweepModel): number | null {
  const done = trials.flatMap(({ status, steps }) => (status === 'done' && steps !== null ? [steps] : []));
  if (done.length > 0) return done.reduce((a, b) => Math.max(a, b));
  const { earlyTerminate } = spec;
  if (earlyTerminate?.type === 'asha') return earlyTerminate.R;
  return earlyTerminate?.type === 'hyperband' ? earlyTerminate.maxIter : null;
}

/** Trials that early termination stopped: the ledger has its decision. */
export function stoppedEarly({ trials, ledger }: Pick<SweepModel, 'trials' | 'ledger'>): ReportedTrial[] {
  const told = new Set(ledger.decisions.flatMap(one => (one.kind === 'stop' ? [one.trial] : [])));
  return trials.filter(({ status, trial }) => status === 'stopped' && told.has(trial));
}

function earlySavings(model: SweepModel): EarlySavings | null {
  const { trials, ledger, spec } = model;
  const stopped = spec.earlyTerminate ? stoppedEarly(model).filter(({ steps }) => steps !== null) : [];
  const full = fullSteps(model);
  if (stopped.length === 0 || full === null) return null;
  const steps = sum(stopped.map(({ steps }) => Math.max(0, full - steps!)));
  const perStep = secondsPerStep(model);
  const later = laterJobs(model).map(job => {
    const took = trials.flatMap(({ work }) => work.jobs.filter(each => each.metaName === job && each.state === 'ran'));
    const spared = stopped.filter(({ work }) => work.jobs.some(each => each.metaName === job && each.state === 'open'));
    return {
      job,
      seconds: sum(took.map(each => secondsOf(each, model.until))) / Math.max(1, took.length),
      trials: spared.length,
    };
  });
  return {
    trials: stopped.length,
    full,
    steps: { value: steps, of: stopped.map(({ lines }) => origin(ledger.file, lines.end ?? 0, 'steps')) },
    secondsPerStep: perStep,
    later: later.filter(each => each.trials > 0 && each.seconds > 0),
    seconds: perStep === null ? null : steps * perStep + sum(later.map(each => each.seconds * each.trials)),
  };
}

/** Names of the jobs that come after the training in the trials' plans. */
function laterJobs(model: SweepModel): string[] {
  const names = new Set<string>();
  for (const { work } of model.trials) {
    const at = work.jobs.findLastIndex(job => isTraining(job, model));
    if (at >= 0) for (const { metaName } of work.jobs.slice(at + 1)) names.add(metaName);
  }
  return [...names];
}

/** A trial that waited at a rung and was promoted goes on from its checkpoint. */
function continued(model: SweepModel): SweepCost['continued'] {
  const { ledger, rungs } = model;
  if (!rungs?.waits) return null;
  const promotions = ledger.decisions.flatMap(one => (one.kind === 'promote' ? [one] : []));
  if (promotions.length === 0) return null;
  const steps = sum(promotions.map(({ rung }) => rungs.steps[rung] ?? 0));
  const perStep = secondsPerStep(model);
  return {
    trials: new Set(promotions.map(({ trial }) => trial)).size,
    steps: { value: steps, of: promotions.map(({ line }) => origin(ledger.file, line, 'rung')) },
    seconds: perStep === null ? null : steps * perStep,
  };
}

function lostSteps(jobs: readonly JobWork[]): Sum {
  const lost = jobs.flatMap(({ segments }) =>
    segments.slice(1).flatMap((segment, i) => {
      const steps = (segments[i]!.furthest ?? 0) - segment.step;
      return steps > 0 ? [{ steps, of: origin(segment.file, segment.index, 'step') }] : [];
    }),
  );
  return { value: sum(lost.map(({ steps }) => steps)), of: lost.map(({ of }) => of) };
}
