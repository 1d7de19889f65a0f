import { parseArgs } from 'node:util';
import { suggest } from '../../activities/control/suggest.ts';
import { pythonOf } from '../../activities/runtime/paths.ts';
import type { Metric, SweepTrial } from '../../plan/sweep/types.ts';
import { setUp } from '../../setup/set-up.mjs';
import type { RunBench } from '../bench.ts';
import { mean, median } from '../median.ts';
import { askPython, benchPython } from '../python.ts';
import { table } from '../table.ts';
import { lossAt, spaceOf, type Table } from './tables.ts';

const LOSS: Metric = { name: 'loss', goal: 'minimize', target: null, impute: null };

/**
 * Normalised regret after 50 trials, one after another: (least loss seen − least of the table) / (median of the table − least of it), 0 is
 * the best and 1 a point that half of all points beat. Ours through what a sweep's suggestions come from; Optuna with the same sampler and nothing
 * but a seed, in the same environment.
 */
export const run: RunBench = async (args, say) => {
  const { values } = parseArgs({
    args,
    options: {
      samplers: { type: 'string', default: 'random,tpe,gp' },
      tables: { type: 'string' },
      seeds: { type: 'string', default: '10' },
      trials: { type: 'string', default: '50' },
    },
  });
  await setUp('samplers');
  const python = await benchPython('suggestion-quality', 'tables', say);
  const wanted = values.tables?.split(',') ?? null;
  const tables = (await askPython(python, ['suggestion-quality', 'tables.py'], wanted)) as Table[];
  const seeds = Array.from({ length: Number(values.seeds) }, (_, seed) => seed);
  const trials = Number(values.trials);
  const rows: Row[] = [];
  for (const sampler of values.samplers.split(',')) {
    const both: { ours: number[]; theirs: number[] }[] = [];
    for (const one of tables) {
      say(`${sampler} on ${one.name}: ${seeds.length} seeds of ${trials} trials …`);
      const regret = regretIn(one);
      const ours: number[] = [];
      for (const seed of seeds) ours.push(regret(await leastOfOurs(sampler, one, seed, trials)));
      const question = { sampler, table: one, seeds, trials };
      const theirs = await askPython(pythonOf('samplers'), ['suggestion-quality', 'optuna_direct.py'], question);
      both.push({ ours, theirs: (theirs as number[]).map(regret) });
      const [own, other] = [mean(ours), mean(both.at(-1)!.theirs)];
      say(`  regret ${own.toFixed(4)}, Optuna's ${other.toFixed(4)}`);
    }
    rows.push(rowOf(sampler, both));
  }
  const figures = {
    tables: tables.map(({ name }) => name),
    seeds: seeds.length,
    trials,
    rows: rows.map(row => ({ ...row })),
  };
  return { figures, text: shown(rows, tables.length) };
};

interface Row {
  sampler: string;
  /** Over all tables and seeds. */
  ours: { mean: number; median: number };
  optuna: { mean: number; median: number };
  /** Of the means. */
  ratio: number;
  /** Tables in which our mean is no higher. */
  noWorse: number;
}

function rowOf(sampler: string, both: readonly { ours: number[]; theirs: number[] }[]): Row {
  const [ours, theirs] = [both.flatMap(one => one.ours), both.flatMap(one => one.theirs)];
  return {
    sampler,
    ours: { mean: mean(ours), median: median(ours) },
    optuna: { mean: mean(theirs), median: median(theirs) },
    ratio: mean(ours) / mean(theirs),
    noWorse: both.filter(one => mean(one.ours) <= mean(one.theirs)).length,
  };
}

function regretIn({ losses }: Table): (loss: number) => number {
  const least = losses.reduce((a, b) => Math.min(a, b));
  const middle = median(losses);
  return loss => (loss - least) / (middle - least);
}

async function leastOfOurs(sampler: string, one: Table, seed: number, count: number): Promise<number> {
  const space = spaceOf(one);
  const trials: SweepTrial[] = [];
  for (let next = 1; next <= count; next++) {
    const [suggestion] = await suggest({ sampler, space, metrics: [LOSS], seed, trials, next, count: 1 });
    if (!suggestion) throw new Error(`${sampler} suggested nothing for trial ${next} of ${one.name}`);
    trials.push(finished(next, suggestion.point, lossAt(one, suggestion.point)));
  }
  return Math.min(...trials.map(({ objectives }) => objectives[0]!));
}

const finished = (trial: number, point: SweepTrial['point'], loss: number): SweepTrial => ({
  trial,
  point,
  status: 'done',
  objectives: [loss],
  rungs: [],
  why: null,
  steps: null,
  gpuSeconds: 0,
  reused: 0,
  startedAt: trial,
  finishedAt: trial,
});

function shown(rows: readonly Row[], tables: number): string {
  const digits = (value: number) => value.toFixed(4);
  return table(
    ['sampler', 'ours, mean', 'Optuna, mean', 'ours / Optuna', 'ours, median', 'Optuna, median', 'tables no worse'],
    rows.map(({ sampler, ours, optuna, ratio, noWorse }) => [
      sampler,
      ...[ours.mean, optuna.mean].map(digits),
      ratio.toFixed(2),
      ...[ours.median, optuna.median].map(digits),
      `${noWorse}/${tables}`,
    ]),
  );
}
