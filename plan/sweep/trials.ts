import { jsonCopy } from '../json-copy.ts';
import type { RungPlan } from '../protocol.ts';
import type { Decision, SweepSpec, SweepTrial } from './types.ts';

type Told<K extends Decision['kind']> = Extract<Decision, { kind: K }>;

/** What a ledger has told so far. */
interface Tale {
  spec: SweepSpec | null;
  rungs: RungPlan | null;
  trials: Map<number, SweepTrial>;
}

/** The trials that a ledger tells of, by number; a prefix of a ledger tells how they were then. */
export function trialsOf(decisions: readonly Decision[]): SweepTrial[] {
  return [...told(decisions).trials.values()].sort((a, b) => a.trial - b.trial);
}

/** The sweep's spec as it was opened and steered since, and its rungs; the spec is null before it was opened. */
export function specOf(decisions: readonly Decision[]): Pick<Tale, 'spec' | 'rungs'> {
  const { spec, rungs } = told(decisions);
  return { spec, rungs };
}

function told(decisions: readonly Decision[]): Tale {
  const tale: Tale = { spec: null, rungs: null, trials: new Map() };
  for (const decision of decisions) TELL[decision.kind](tale, decision as never);
  return tale;
}

const TELL: { [K in Decision['kind']]: (tale: Tale, decision: Told<K>) => void } = {
  open: (tale, { spec, rungs }) => {
    // What a user changes later changes the copy.
    tale.spec = jsonCopy(spec);
    tale.rungs = rungs;
    tale.trials.clear();
  },
  steer: ({ spec }, { steer }) => {
    if (!spec) return;
    if (steer.kind === 'setSpace') spec.space = steer.space;
    if (steer.kind === 'setConcurrency') spec.concurrency = steer.concurrency;
    if (steer.kind !== 'setBudget') return;
    const { target, ...budget } = steer.budget;
    spec.budget = { ...spec.budget, ...budget };
    if (target !== undefined && spec.metrics[0]) spec.metrics[0].target = target;
  },
  suggest: ({ spec, trials }, { trial, point, t }) => {
    trials.set(trial, {
      trial,
      point,
      status: 'running',
      objectives: (spec?.metrics ?? []).map(() => null),
      rungs: [],
      why: null,
      steps: null,
      gpuSeconds: 0,
      reused: 0,
      startedAt: Date.parse(t),
      finishedAt: null,
    });
  },
  rung: ({ rungs: plan, trials }, { trial, step, value }) =>
    change(trials, trial, ({ rungs, status }) => ({
      rungs: value === null || rungs.some(rung => rung.step === step) ? rungs : [...rungs, { step, value }],
      status: plan?.waits ? 'waiting' : status,
    })),
  promote: ({ trials }, { trial }) => change(trials, trial, () => ({ status: 'running' })),
  // It is stopped once it has ended.
  stop: ({ trials }, { trial, reason }) => change(trials, trial, () => ({ why: reason })),
  end: ({ trials }, { trial, status, objectives, why, steps, gpuSeconds, reused, t }) =>
    change(trials, trial, before => ({
      status,
      objectives,
      why: why ?? (status === 'done' ? null : before.why),
      steps,
      gpuSeconds,
      reused,
      finishedAt: Date.parse(t),
    })),
  close: () => {},
  fault: () => {},
};

function change(trials: Tale['trials'], number: number, changes: (before: SweepTrial) => Partial<SweepTrial>): void {
  const before = trials.get(number);
  if (before && before.finishedAt === null) trials.set(number, { ...before, ...changes(before) });
}
