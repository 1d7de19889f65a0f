// A ledger says what a sweep was told and what it decided: told the same again, it decides the same.
import { jsonCopy } from '../json-copy.ts';
import type { SweepOpened, TrialEnd } from '../protocol.ts';
import { Sweep } from './sweep.ts';
import type { Decision, SweepSpec } from './types.ts';

type Of<K extends Decision['kind']> = Extract<Decision, { kind: K }>;

/** What is done with a record of what the sweep was told; the other kinds are its own decisions. */
const TOLD: { [K in Decision['kind']]?: (sweep: Sweep, decision: Of<K>, now: number) => void } = {
  steer: (sweep, { steer }, now) => sweep.steered(steer, now),
  rung: (sweep, { trial, rung, step, value }, now) => sweep.rungTold({ kind: 'rung', trial, rung, step, value }, now),
  end: (sweep, decision, now) => sweep.trialEnded(decision.trial, endOf(sweep.spec, decision), now),
  fault: (sweep, { reason }, now) => sweep.failed(reason, now),
};

/**
 * Tells a new sweep everything that a ledger's sweep was told, with the answers of samplers that do not run in the workflow, and returns all
 * records of it: equal to the ledger's, or a decision of either was made otherwise.
 * @throws Error where the ledger does not begin with `open`, or where nothing is decided at a record.
 */
export function replay(ledger: readonly Decision[]): Decision[] {
  const [first, ...rest] = ledger;
  if (first?.kind !== 'open') throw new Error('a ledger begins with the record "open"');
  const { sweep: name, runId, spec, rungs, t } = first;
  const opened: SweepOpened = {
    spec: jsonCopy(spec),
    rungs,
    project: '',
    experiment: '',
    workDir: '',
    dir: '',
    notes: [],
  };
  const sweep = Sweep.open(name, runId, opened, Date.parse(t));
  for (const decision of rest) {
    const now = Date.parse(decision.t);
    const told = TOLD[decision.kind] as ((sweep: Sweep, decision: Decision, now: number) => void) | undefined;
    if (sweep.memory.seq >= decision.seq) continue;
    if (told) told(sweep, decision, now);
    else decide(sweep, decision, now);
  }
  return sweep.memory.unsaved;
}

/** Has the sweep decide until it is where the ledger is. */
function decide(sweep: Sweep, decision: Decision, now: number): void {
  while (sweep.memory.seq < decision.seq) {
    const action = sweep.next(now);
    if (action?.do === 'ask' && decision.kind === 'suggest')
      sweep.answered([{ point: decision.point, reason: decision.reason }]);
    else if (action === null)
      throw new Error(`decision ${decision.seq} (${decision.kind}) does not follow from what was told before`);
  }
}

function endOf(spec: SweepSpec, { status, objectives, why, steps, gpuSeconds, reused }: Of<'end'>): TrialEnd {
  const told = spec.metrics.flatMap(({ name }, i) =>
    typeof objectives[i] === 'number' ? [[name, objectives[i]] as const] : [],
  );
  return { status, metrics: Object.fromEntries(told), why, steps, gpuSeconds, reused };
}
