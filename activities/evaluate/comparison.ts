import { basename, join } from 'node:path';
import { z } from 'zod';
import type { JobConfig } from '../../plan/component.ts';
import { ENVIRONMENT_NOT_IN_KEY, ENVIRONMENT_READS, environmentKeys } from '../../plan/environment.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import { type Component, defineComponent } from '../component.ts';
import { JobFailure } from '../runtime/failure.ts';
import { pythonFile } from '../runtime/paths.ts';
import { runEvaluation } from './evaluation-program.ts';
import { readEvaluation } from './evaluation-result.ts';

const paths = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

interface Comparison {
  type: 'accuracy' | 'mse';
  summary: string;
  /** What is compared, as the config's keys call it: `predicted_<what>_key`. */
  what: 'label' | 'value';
  best: { name: string; of: (...values: number[]) => number };
}

/** One dataset's outcome, as python/evaluate/compare.py writes it. */
interface Compared extends JsonObject {
  pred_path: string;
  gt_path: string;
  samples: number;
}

/** `launcher.python`: an interpreter that has pyarrow (for Parquet) and zstandard (for .zst). */
const program = z.object({ launcher: z.object({ python: z.string().min(1).nullish() }).nullish(), ...environmentKeys });

/** An evaluator that compares predictions with the truth, each dataset by itself; its results are all outcomes and the best of them. */
export function comparison({ type, summary, what, best }: Comparison): Component {
  const [predictedKey, truthKey] = [`predicted_${what}_key`, `ground_truth_${what}_key`];
  const schema = z.object({
    type: z.literal(type),
    predicted_dataset_path: paths.describe('Datasets of predictions'),
    ground_truth_dataset_path: z
      .union([paths, z.array(z.string()).max(0)])
      .nullish()
      .describe('Absent: the truth is in the datasets of the predictions'),
    [predictedKey]: z.string().min(1).describe('Dotted key of the prediction in a sample'),
    [truthKey]: z.string().min(1).describe('Dotted key of the truth in a sample'),
    ...program.shape,
  });
  return defineComponent({
    name: `evaluate.${type}`,
    hook: 'EvaluateDataHook',
    type,
    version: 1,
    summary,
    resources: { tag: 'cpu', gpus: 0 },
    claims: false,
    cacheable: true,
    config: { extra: schema },
    reads: [
      ...['predicted_dataset_path', 'ground_truth_dataset_path'].map(key => ({
        at: `extra_configs.${key}`,
        kind: 'dataset' as const,
        placed: true,
      })),
      ...ENVIRONMENT_READS,
    ],
    writes: [],
    results: [{ value: 'results' }, { value: best.name }],
    notInKey: ['extra_configs.launcher', ...ENVIRONMENT_NOT_IN_KEY],
    check: checkNumbers,

    async run(run) {
      const config = schema.parse(run.config.extra_configs) as Record<string, unknown>;
      const [predicted, truth] = datasetsOf(config);
      if (truth.length > 0 && truth.length !== predicted.length) {
        throw new JobFailure(unequal(predicted.length, truth.length));
      }
      const output = join(run.out, `${type}.json`);
      const { python, env } = await run.environment(program.parse(config), 'data-juicer');
      const argv = [
        ...python,
        ...[pythonFile('evaluate', 'compare.py'), type, '--output', output],
        ...['--predicted_key', String(config[predictedKey]), '--truth_key', String(config[truthKey])],
        ...['--predicted', ...predicted],
        ...(truth.length > 0 ? ['--truth', ...truth] : []),
      ];
      await runEvaluation(run, { argv, env, unit: 'dataset', phase: 'comparing', patterns: [COMPARED] });
      const outcomes = (await readEvaluation(output)) as Compared[];
      const value = best.of(...outcomes.map(outcome => Number(outcome[type])));
      return {
        results: [{ value: outcomes as Json }, { value }],
        metrics: { [best.name]: value, ...metricsOf(outcomes, type) },
        notes: outcomes.filter(outcome => outcome.first_format_error).map(noteOf),
      };
    },
  });
}

const COMPARED = { kind: 'metrics' as const, pattern: 'compared (?<step>[0-9]+)/(?<total>[0-9]+) datasets' };

function datasetsOf(config: Record<string, unknown>): [string[], string[]] {
  const [predicted, truth] = [config.predicted_dataset_path, config.ground_truth_dataset_path].map(value =>
    value === null || value === undefined ? [] : Array.isArray(value) ? (value as string[]) : [String(value)],
  );
  return [predicted!, truth!];
}

function checkNumbers({ extra_configs }: JobConfig): { at: string; message: string }[] {
  const [predicted, truth] = datasetsOf(extra_configs ?? {});
  // A single path may be a stand-in for the list that an input fills in.
  if (![extra_configs?.predicted_dataset_path, extra_configs?.ground_truth_dataset_path].every(Array.isArray))
    return [];
  if (truth.length === 0 || truth.length === predicted.length) return [];
  return [{ at: 'extra_configs.ground_truth_dataset_path', message: unequal(predicted.length, truth.length) }];
}

function unequal(predicted: number, truth: number): string {
  return `${predicted} datasets of predictions and ${truth} of the truth; give one of the truth for each, or leave it out where each has both`;
}

/** `accuracy` of a single dataset; of several `accuracy.<file name>`, numbered from 1 where two files have one name. */
function metricsOf(outcomes: readonly Compared[], type: string): Record<string, number> {
  const names = outcomes.map(outcome => basename(outcome.pred_path).replace(/\..*$/, ''));
  const isClear = new Set(names).size === names.length;
  const metrics: Record<string, number> = { samples: outcomes.reduce((sum, { samples }) => sum + samples, 0) };
  for (const [i, outcome] of outcomes.entries()) {
    const suffix = outcomes.length === 1 ? '' : `.${isClear ? names[i] : i + 1}`;
    for (const key of [type, 'format_error'])
      if (typeof outcome[key] === 'number') metrics[`${key}${suffix}`] = outcome[key];
  }
  return metrics;
}

function noteOf({ format_error, samples, first_format_error }: Compared): string {
  return `${format_error} of ${samples} predictions are no numbers and are left out of the mean; the first is ${first_format_error}`;
}
