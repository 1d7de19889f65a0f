import { z } from 'zod';
import type { JobConfig } from '../../plan/component.ts';
import { boundArgument, checkArgument, statOf } from '../../plan/feedback/bounds.ts';
import { opsOf } from '../../plan/recipe.ts';
import { didYouMean } from '../../plan/suggest.ts';
import { catalogue } from '../catalogue.ts';

/** A number, or the context key of one. */
const result = z.union([z.number(), z.string().min(1), z.null()]);

function schemaOf(results: z.ZodType, pathOfPool: z.ZodType) {
  const pool = z.strictObject({
    min: z.number().nullish(),
    max: z.number().nullish(),
    /** Context key of the pool itself: its range is that of its samples. */
    range_of: pathOfPool.nullish(),
    results,
  });
  const op = z.strictObject({
    stat: z.string().min(1).nullish(),
    min_arg: z.string().min(1).nullish(),
    max_arg: z.string().min(1).nullish(),
    baseline: results.optional(),
    pools: z.record(z.string(), pool).refine(pools => Object.keys(pools).length > 0, 'expected at least one pool'),
  });
  return z.strictObject({
    type: z.literal('model_feedback_refine').nullish(),
    path_model_feedback_recipe: z
      .string()
      .regex(/\.(?:ya?ml|json)$/, 'must end in .yaml, .yml or .json')
      .optional()
      .describe('File for the refined recipe: .yaml, .yml or .json'),
    goal: z.enum(['maximize', 'minimize']).describe('Which results are better: the larger or the smaller ones'),
    min_effect: z.number().min(0).default(0).describe('A smaller gain over the baseline changes nothing'),
    confidence: z.number().gt(0.5).lt(1).default(0.95).describe('How sure the gain must be'),
    allow_failed_results: z
      .boolean()
      .default(false)
      .describe('Leaves out results that are missing (null), instead of failing'),
    /** Of the models trained on data that was not split. */
    baseline: results,
    ops: z.record(z.string(), op).refine(ops => Object.keys(ops).length > 0, 'expected at least one op'),
  });
}

/** The config of RefineRecipeViaModelFeedbackHook as it is written. */
export const feedbackSchema = schemaOf(z.union([result, z.array(result).min(1)]), z.string().min(1));
/** The same as it runs, with whatever the context keys named. */
export const boundFeedbackSchema = schemaOf(z.unknown(), z.unknown());

/** Dotted config keys of everything that may be a context key. */
export function feedbackContextKeys({ extra_configs }: JobConfig): string[] {
  const keys = resultKeys('extra_configs.baseline', extra_configs?.baseline);
  for (const [op, given] of entries(extra_configs?.ops)) {
    const at = `extra_configs.ops.${op}`;
    keys.push(...resultKeys(`${at}.baseline`, entry(given, 'baseline')));
    for (const [pool, of] of entries(entry(given, 'pools')))
      keys.push(`${at}.pools.${pool}.range_of`, ...resultKeys(`${at}.pools.${pool}.results`, entry(of, 'results')));
  }
  return keys;
}

/** What is wrong with a config that has the right shape: ops that the recipe does not have, pools without a range, unclear stats and arguments. */
export function checkFeedback({ dj_configs, extra_configs }: JobConfig): { at: string; message: string }[] {
  const { ops } = boundFeedbackSchema.parse(extra_configs);
  const there = opsOf(dj_configs);
  const problems: { at: string; message: string }[] = [];
  for (const [op, { stat, min_arg, max_arg, pools }] of Object.entries(ops)) {
    const at = `extra_configs.ops.${op}`;
    if (Array.isArray(dj_configs?.process) && !there.includes(op))
      problems.push({ at, message: `the recipe has no op "${op}"; ${didYouMean(op, there)}` });
    tell(problems, at, () => {
      const key = statOf(catalogue(), op, stat ?? undefined);
      for (const [given, side] of [[min_arg, -1] as const, [max_arg, 1] as const]) {
        if (given == null) boundArgument(catalogue(), op, key, side);
        else checkArgument(catalogue(), op, given);
      }
    });
    for (const [pool, { min, max, range_of }] of Object.entries(pools)) {
      const inPool = `${at}.pools.${pool}`;
      if (pool.includes('.')) problems.push({ at, message: `pool "${pool}": expected a name without dots` });
      const given = min != null || max != null;
      if (!given && range_of == null)
        problems.push({ at: inPool, message: 'a pool needs its range: min, max, or range_of' });
      if (given && range_of != null)
        problems.push({ at: inPool, message: 'range_of already gives the range; leave out min and max, or range_of' });
      if (min != null && max != null && min > max)
        problems.push({ at: inPool, message: `min ${min} is above max ${max}` });
    }
  }
  return problems;
}

function tell(problems: { at: string; message: string }[], at: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    problems.push({ at, message: (error as Error).message });
  }
}

function resultKeys(at: string, value: unknown): string[] {
  return Array.isArray(value) ? value.map((_, i) => `${at}.${i}`) : [at];
}

function entries(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

function entry(value: unknown, key: string): unknown {
  return entries(value).find(([name]) => name === key)?.[1];
}
