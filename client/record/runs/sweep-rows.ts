import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { compareTrials } from '../../../plan/sweep/compare-trials.ts';
import { specOf, trialsOf } from '../../../plan/sweep/trials.ts';
import type { Decision, Metric, SweepTrial } from '../../../plan/sweep/types.ts';
import { trialIdOf } from '../../../plan/trial-of.ts';
import { parseLedger } from '../../sweep/read-ledger.ts';
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
  const path = join(workDir, 'sweeps', id, 'decisions.jsonl');
  const text = await readFile(path, 'utf8').catch(() => null);
  const decisions = text === null ? null : whole(text);
  const first = decisions?.[0];
  if (!decisions || !first) return null;
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

/** The last line may be half-written; a ledger that somebody has edited may be no JSON at all. */
function whole(text: string): Decision[] | null {
  try {
    return parseLedger(text.slice(0, text.lastIndexOf('\n') + 1));
  } catch {
    return null;
  }
}

function objectiveOf(metric: Metric | undefined, { objectives }: SweepTrial): Objective | null {
  const value = objectives[0] ?? null;
  return metric && value !== null ? { name: metric.name, value, goal: metric.goal } : null;
}
