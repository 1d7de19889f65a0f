import { z } from 'zod';
import type { ComponentSpec, ReadField } from './component.ts';
import { CPU, dataset, declare, folder, LATER, makesFolder, path, paths } from './declare.ts';

const pool = (
  type: string,
  summary: string,
  keys: z.ZodRawShape,
  reads: ReadField[] = [dataset('dataset_path')],
): ComponentSpec =>
  declare({
    name: `process.${type.replaceAll('_', '-')}`,
    hook: 'DataPoolManipulationHook',
    type,
    summary,
    resources: CPU,
    config: { extra: z.looseObject({ type: z.literal(type), export_path: path, ...keys }) },
    reads,
    writes: [makesFolder('export_path')],
    results: [{ value: 'paths' }],
    notRunnable: `data pools ${LATER}`,
  });

const ratio = z.union([z.number(), z.string()]);

/** Data pools. */
export const DECLARED_POOLS: ComponentSpec[] = [
  pool('data_pool_construction', 'Splits analysed datasets by each stat into low, middle and high pools.', {
    dataset_path: paths,
    split_ratios: z.array(ratio).nullish(),
    split_num: z.int().positive().nullish(),
    ignore_stats: z.boolean().nullish(),
  }),
  pool('data_pool_combination', 'Intersects ranked pools in every combination.', { dataset_path: paths }),
  pool('data_pool_duplication', 'Repeats a pool a number of times.', {
    dataset_path: paths,
    duplicating_times: z.array(z.int().positive()),
    shuffle: z.boolean().nullish(),
    shuffle_seed: z.int().nullish(),
  }),
  pool('data_pool_downsampling', 'Samples pools down to one size.', {
    dataset_path: paths,
    target_num_samples: z.int().positive().nullish(),
    shuffle_seed: z.int().nullish(),
  }),
  pool('data_pool_ranking', 'Orders pools by a metric.', {
    export_path: path.nullish(),
    dataset_path: paths,
    metrics: z.array(z.unknown()),
  }),
  pool('data_pool_merging', 'Puts pools together into one dataset.', { dataset_path: paths }),
  pool(
    'data_pool_cartesian_join',
    'Joins two sets of pools, each sample with each.',
    { dataset_path_1: paths, dataset_path_2: paths },
    [dataset('dataset_path_1'), dataset('dataset_path_2')],
  ),
];

const coco = (name: string, type: string, summary: string, keys: z.ZodRawShape, reads: ReadField[]): ComponentSpec =>
  declare({
    name,
    hook: 'GeneralDataExecutorHook',
    type,
    summary,
    resources: CPU,
    config: { extra: z.looseObject({ type: z.literal(type), dataset_path: paths, export_path: path, ...keys }) },
    reads: [dataset('dataset_path'), ...reads],
    writes: [makesFolder('export_path')],
    results: [{ value: 'paths' }],
    notRunnable: `COCO captions ${LATER}`,
  });

/** COCO captions for InternVL. */
export const DECLARED_CONVERSIONS: readonly ComponentSpec[] = [
  coco(
    'convert.coco-caption-to-dj',
    'coco_caption_to_dj_conversion',
    "Converts InternVL's COCO captions to Data-Juicer's format.",
    {},
    [],
  ),
  coco(
    'convert.coco-caption-meta',
    'coco_caption_meta_generation',
    "Writes InternVL's meta file of a dataset.",
    { data_root_path: path },
    [folder('data_root_path')],
  ),
];
