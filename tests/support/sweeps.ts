import type { RungPlan, SweepOpened, TrialEnd } from '../../plan/protocol.ts';
import type { Action } from '../../plan/sweep/memory.ts';
import { Sweep } from '../../plan/sweep/sweep.ts';
import type { SweepSpec } from '../../plan/sweep/types.ts';

/** A sweep of one parameter for the smallest `judge.score`; four at a time. */
export function sweepSpec(more: Partial<SweepSpec> = {}): SweepSpec {
  return {
    name: 'test',
    description: null,
    sampler: 'random',
    metrics: [{ name: 'judge.score', goal: 'minimize', target: null, impute: null }],
    space: [{ name: 'train.extra_configs.lr', distribution: { kind: 'uniform', min: 0, max: 1 } }],
    earlyTerminate: null,
    budget: { runCap: null, maxHours: null, patience: null, maxFailures: null },
    concurrency: 4,
    seed: 0,
    priority: 3,
    weight: 1,
    ...more,
  };
}

export function opened(spec: SweepSpec, rungs: RungPlan | null = null): SweepOpened {
  return { spec, rungs, project: 'project', experiment: 'experiment', workDir: '/w', dir: '/w/sweeps/s', notes: [] };
}

export const trialEnd = (score: number | null, more: Partial<TrialEnd> = {}): TrialEnd => ({
  status: 'done',
  why: null,
  metrics: score === null ? {} : { 'judge.score': score },
  steps: null,
  gpuSeconds: 0,
  reused: 0,
  ...more,
});

/** A sweep beside a clock that stands still unless it is moved; `step` does everything that is to be done now. */
export class SweepAtDesk {
  now = 0;
  readonly sweep: Sweep;

  constructor(spec: SweepSpec, rungs: RungPlan | null = null) {
    this.sweep = Sweep.open('s', 'run', opened(spec, rungs), this.now);
  }

  step(): Action[] {
    const actions: Action[] = [];
    for (;;) {
      const action = this.sweep.next(this.now);
      if (!action) return actions;
      actions.push(action);
      if (action.do === 'close' || action.do === 'ask') return actions;
    }
  }

  end(trial: number, end: TrialEnd): Action[] {
    this.sweep.trialEnded(trial, end, this.now);
    return this.step();
  }

  rung(trial: number, rung: number, step: number, value: number | null, known?: string[]): Action[] {
    this.sweep.rungTold({ kind: 'rung', trial, rung, step, value, ...(known && { known }) }, this.now);
    return this.step();
  }
}

/** Numbers of the trials that are begun. */
export const begun = (actions: Action[]): number[] =>
  actions.flatMap(action => (action.do === 'begin' ? [action.trial] : []));
/** Numbers of the trials that are told to stop. */
export const stopped = (actions: Action[]): number[] =>
  actions.flatMap(action => (action.do === 'tell' && action.signal === 'stop' ? [action.trial] : []));
export const promoted = (actions: Action[]): number[] =>
  actions.flatMap(action => (action.do === 'promote' ? [action.trial] : []));
