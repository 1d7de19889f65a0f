import { rungSteps } from '../../plan/sweep/early-termination.ts';
import type { EarlyTerminate } from '../../plan/sweep/types.ts';
import type { RunBench } from '../bench.ts';
import { median } from '../median.ts';
import { askPython, benchPython } from '../python.ts';
import { table } from '../table.ts';
import { type Outcome, simulate } from './simulate.ts';
import { UNITS, type World, world } from './world.ts';

const NOISES = [0.02, 0.1, 0.3];
const SEEDS = 20;
const ETA = 3;

/** Where the lowest rung is; each triples the one before. */
const LOWEST = [1, 3];

const asha = (r: number): EarlyTerminate => ({ type: 'asha', eta: ETA, r, R: UNITS, metric: null });
const hyperband = (s: number): EarlyTerminate => ({
  ...{ type: 'hyperband', eta: ETA, s, minIter: null, maxIter: UNITS, strict: false, metric: null },
});

const OURS: Record<string, EarlyTerminate | null> = {
  'random, all to their end': null,
  'median rule, every 3': { type: 'median', every: 3, minIter: 3, minTrials: 5, metric: null },
  'hyperband stopping, from 1': hyperband(4),
  'hyperband stopping, from 3': hyperband(3),
  'asha with promotion, from 1': asha(1),
  'asha with promotion, from 3': asha(3),
};

/**
 * Units trained until a configuration within 1% of the best has been trained to its end. A seed in which none was counts as infinitely many: a method
 * that misses the best in half of the seeds has no median.
 */
export const run: RunBench = async (_args, say) => {
  const python = await benchPython('simulated-curves', 'optuna', say);
  const rows: Row[] = [];
  for (const noise of NOISES) {
    say(`noise ${noise}: ${SEEDS} worlds …`);
    const worlds = Array.from({ length: SEEDS }, (_, i) => world(i + 1, noise));
    const outcomes: Record<string, Outcome[]> = {};
    for (const [method, spec] of Object.entries(OURS)) outcomes[method] = worlds.map(made => simulate(made, spec));
    for (const r of LOWEST) {
      outcomes[`Optuna's ASHA pruner, from ${r}`] = await askOptuna(python, worlds, rungSteps(asha(r)));
    }
    const random = summary(Object.values(outcomes)[0]!).units;
    for (const [method, all] of Object.entries(outcomes)) {
      const came = summary(all);
      const ratio = came.units === null || random === null ? null : came.units / random;
      rows.push({ noise, method, ...came, ratio });
    }
  }
  return { figures: { seeds: SEEDS, rows: rows.map(row => ({ ...row })) }, text: shown(rows) };
};

interface Row {
  noise: number;
  method: string;
  /** Median; null: not found in half of the seeds. */
  units: number | null;
  /** To random's. */
  ratio: number | null;
  /** In how many seeds it was found. */
  found: number;
  /** Median of all units until all had ended. */
  total: number;
  /** Mean. */
  regret: number;
}

async function askOptuna(python: string, worlds: World[], rungs: number[]): Promise<Outcome[]> {
  const atRungs = worlds.map(({ seen, ...rest }) => ({
    ...rest,
    seen: seen.map(told => rungs.map(step => told[step - 1])),
  }));
  const question = { workers: 8, units: UNITS, rungs, eta: ETA, worlds: atRungs };
  return (await askPython(python, ['simulated-curves', 'optuna_pruner.py'], question)) as Outcome[];
}

function summary(outcomes: readonly Outcome[]): Pick<Row, 'units' | 'found' | 'total' | 'regret'> {
  const units = median(outcomes.map(({ found }) => found ?? Infinity));
  return {
    units: Number.isFinite(units) ? units : null,
    found: outcomes.filter(({ found }) => found !== null).length,
    total: median(outcomes.map(({ total }) => total)),
    regret: outcomes.reduce((sum, { regret }) => sum + regret, 0) / outcomes.length,
  };
}

function shown(rows: readonly Row[]): string {
  const cells = rows.map(({ noise, method, units, ratio, found, total, regret }) => [
    method,
    noise,
    units ?? 'not found',
    ratio?.toFixed(2) ?? '',
    `${found}/${SEEDS}`,
    total,
    `${(100 * regret).toFixed(1)}%`,
  ]);
  return table(['method', 'noise', 'units (median)', 'to random', 'found', 'units in all', 'regret'], cells);
}
