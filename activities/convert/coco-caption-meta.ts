import { z } from 'zod';
import { defineComponent } from '../component.ts';
import { CPU_JOB, common, datasetPaths, namedTwice, poolsNamed } from '../pools/pool-config.ts';
import { runPools } from '../pools/pool-program.ts';

const TYPE = 'coco_caption_meta_generation';

/** GeneralDataExecutorHook `coco_caption_meta_generation`: the meta file by which InternVL's training finds a dataset. */
export const generateCocoMeta = defineComponent({
  ...CPU_JOB,
  name: 'convert.coco-caption-meta',
  hook: 'GeneralDataExecutorHook',
  type: TYPE,
  summary: "Writes InternVL's meta file of each dataset; the results are the paths of <name>_meta.json.",
  config: {
    extra: z.object({
      type: z.literal(TYPE),
      dataset_path: datasetPaths,
      ...common,
      data_root_path: z.string().min(1).describe("InternVL's folder, from which the meta file names the dataset"),
    }),
  },
  reads: [
    { at: 'extra_configs.dataset_path', kind: 'dataset', placed: true },
    // Only its place counts: what is in it may be many gigabytes.
    { at: 'extra_configs.data_root_path', kind: 'directory', placed: true, content: [] },
  ],
  writes: [poolsNamed(() => ['_meta.json'])],
  check: ({ extra_configs }) => namedTwice(extra_configs),
  run: run =>
    runPools(run, {
      operation: 'coco_caption_meta',
      options: { data_root_path: String(run.config.extra_configs?.data_root_path) },
    }),
});
