// What became of trials at the rungs of a sweep, as its ledger tells.
import type { LedgerLine, ReportedTrial, SweepModel } from './sweep.ts';

export type Fate = 'went on' | 'stopped' | 'waits' | 'failed';

/** A trial at one rung. */
export interface AtRung {
  trial: ReportedTrial;
  /** Of the rung, from 0. */
  rung: number;
  step: number;
  /** Null: NaN or infinite. */
  value: number | null;
  /** Line of the ledger that tells it. */
  line: number;
  fate: Fate;
  /** The decision's reason with its line; null: nothing was decided there. */
  why: { text: string; line: number } | null;
}

/** Every visit of a trial to a rung, by rung, then by trial. */
export function visits({ trials, ledger }: Pick<SweepModel, 'trials' | 'ledger'>): AtRung[] {
  const byNumber = new Map(trials.map(trial => [trial.trial, trial]));
  const { decisions } = ledger;
  const told = decisions.filter((one): one is Extract<LedgerLine, { kind: 'rung' }> => one.kind === 'rung');
  const last = new Map(told.map(one => [one.trial, one]));
  const seen = new Set<string>();
  return told
    .flatMap((one): AtRung[] => {
      const trial = byNumber.get(one.trial);
      // What was told twice counts once.
      if (!trial || seen.has(`${one.trial} ${one.rung}`)) return [];
      seen.add(`${one.trial} ${one.rung}`);
      const { rung, step, value, line } = one;
      return [{ trial, rung, step, value, line, ...fateAt(one, last.get(one.trial)?.rung === rung, trial, decisions) }];
    })
    .sort((a, b) => a.rung - b.rung || a.trial.trial - b.trial.trial);
}

function fateAt(
  { trial: number, rung }: Extract<LedgerLine, { kind: 'rung' }>,
  isLast: boolean,
  trial: ReportedTrial,
  decisions: readonly LedgerLine[],
): Pick<AtRung, 'fate' | 'why'> {
  const promoted = decisions.find(one => one.kind === 'promote' && one.trial === number && one.rung === rung);
  if (promoted?.kind === 'promote') return { fate: 'went on', why: { text: promoted.reason, line: promoted.line } };
  // One that is done was so before it could be stopped.
  if (!isLast || trial.status === 'done') return { fate: 'went on', why: null };
  const stopped = decisions.find(one => one.kind === 'stop' && one.trial === number);
  if (stopped?.kind === 'stop') return { fate: 'stopped', why: { text: stopped.reason, line: stopped.line } };
  if (trial.status === 'failed') return { fate: 'failed', why: null };
  if (trial.status === 'running') return { fate: 'went on', why: null };
  return { fate: trial.status === 'waiting' ? 'waits' : 'stopped', why: null };
}
