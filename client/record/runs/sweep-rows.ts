import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { compareTrials } from '../../../plan/sweep/compare-trials.ts';
import { specOf, trialsOf } from '../../../plan/sweep/trials.ts';
import type { Metric, SweepTrial } from '../../../plan/sweep/types.ts';
import { trialIdOf } from '../../../plan/trial-of.ts';
import { sweepLedger } from '../../sweep/sweep-ledger.ts';
import { bestOf } from '../../sweep/sweep-snapshot.ts';
import type { Objective, RunRow } from './run-row.ts';

/** A ledger that grew since is of a sweep that goes on. */
const FRESH_MS = 600_000;

/** The rows of a sweep and of its trials. */
export interface SweepRows {
  sweep: RunRow;
  trials: RunRow[];
}

/**
 * A sweep's rows from its ledger in a work_dir; null where there is none that can be read. `named`: project and experiment, which the ledger does not
 * tell.
 */
export async function sweepRows(
  workDir: string,
  id: string,
  named: Pick<RunRow, 'project' | 'experiment'>,
  now = Date.now(),
): Promise<SweepRows | null> {
  // One that somebody has edited may be none any more.
  const found = await sweepLedger(join(workDir, 'sweeps', id)).catch(() => null);
  const first = found?.decisions[0];
  if (!found || !first) return null;
  const { path, decisions } = found;
  const { spec } = specOf(decisions);
  if (!spec) return null;
  const [metric] = spec.metrics;
  const trials = trialsOf(decisions);
  const close = decisions.findLast(one => one.kind === 'close');
  const known = { ...named, stage: '', job: '', workDir };
  const rows = trials.map(trial => ({
    ...known,
    id: trialIdOf(id, trial.trial),
    kind: 'trial' as const,
    parent: id,
    state: close && trial.finishedAt === null ? 'stopped' : trial.status,
    progress: null,
    objective: objectiveOf(metric, trial),
    startedAt: trial.startedAt,
    closedAt: trial.finishedAt,
  }));
  const ended = trials.filter(({ finishedAt }) => finishedAt !== null).length;
  const best = bestOf([...trials].sort(compareTrials(metric?.goal ?? 'minimize')));
  const changed = (await stat(path).catch(() => null))?.mtimeMs ?? 0;
  const open = now - changed < FRESH_MS ? 'running' : 'unfinished';
  return {
    sweep: {
      ...known,
      id,
      kind: 'sweep',
      parent: null,
      state: close?.state ?? open,
      progress: { done: ended, total: spec.budget.runCap ?? trials.length },
      objective: best && objectiveOf(metric, best),
      startedAt: Date.parse(first.t),
      closedAt: close ? Date.parse(close.t) : null,
    },
    trials: rows,
  };
}

function objectiveOf(metric: Metric | undefined, { objectives }: SweepTrial): Objective | null {
  const value = objectives[0] ?? null;
  return metric && value !== null ? { name: metric.name, value, goal: metric.goal } : null;
}
