import { z } from 'zod';
import { TESTS } from './types.ts';

const SEED = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);
const distinct = (values: readonly unknown[]) => new Set(values).size === values.length;

/** More pools have more combinations than anyone trains on. */
const MOST_COMBINED = 6;

/** What holds where a study file says nothing. */
export const DEFAULTS = {
  seeds: 3,
  combine: 3,
  repeat: [2, 4, 8],
  test: 'pooled',
  alpha: 0.05,
  concurrency: 4,
  sampleSeed: 42,
} as const;

/** A study file. */
export const studySchema = z.strictObject({
  name: z.string().nullish(),
  description: z.string().nullish(),
  /** Path of a Data-Juicer recipe: its dataset, and the ops by whose stats that is split. */
  recipe: z.string().min(1),
  /** Default: all ops of the recipe that write stats. */
  ops: z
    .array(z.string().min(1))
    .min(1, 'must name an op, or be left out for all ops')
    .refine(distinct, 'names an op twice')
    .nullish(),
  /** Where a trial's config takes its dataset: `<meta_name>.extra_configs.dataset_path` and the like. */
  dataset: z.string().min(1),
  /** Where it takes its seed. */
  seed: z.string().min(1).nullish(),
  /** Seeds, or how many: then 1 to that. */
  seeds: z
    .union([
      z.int().min(1).max(100),
      z
        .array(SEED)
        .min(1, 'must hold a seed: without one nothing is tried')
        .max(100)
        .refine(distinct, 'holds a seed twice'),
    ])
    .nullish(),
  metric: z.strictObject({ name: z.string().min(1), goal: z.enum(['minimize', 'maximize']) }),
  split_ratios: z
    .array(z.union([z.number(), z.string()]))
    .length(2, 'must hold two ratios, between low and middle and between middle and high')
    .nullish(),
  samples: z.int().positive().nullish(),
  min_samples: z.int().positive().nullish(),
  sample_seed: SEED.nullish(),
  combine: z.int().min(0).max(MOST_COMBINED).nullish(),
  repeat: z.array(z.int().min(2).max(1000)).max(16).refine(distinct, 'holds a number twice').nullish(),
  test: z.enum(TESTS).nullish(),
  alpha: z.number().gt(0).lt(1).nullish(),
  concurrency: z.int().min(1).max(500).nullish(),
  export_recipe: z
    .string()
    .regex(/\.(?:ya?ml|json)$/, 'must end in .yaml, .yml or .json')
    .nullish(),
});

export type StudyFile = z.infer<typeof studySchema>;
