import { z } from 'zod';
import { defineComponent } from '../component.ts';
import { CPU_JOB, common, datasetPaths, namedTwice, poolsNamed } from '../pools/pool-config.ts';
import { runPools } from '../pools/pool-program.ts';

const TYPE = 'coco_caption_to_dj_conversion';

/** GeneralDataExecutorHook `coco_caption_to_dj_conversion`: InternVL's COCO captions with `images` and `text` as Data-Juicer reads them. */
export const convertCocoCaption = defineComponent({
  ...CPU_JOB,
  name: 'convert.coco-caption-to-dj',
  hook: 'GeneralDataExecutorHook',
  type: TYPE,
  summary:
    "Adds Data-Juicer's images and text to InternVL's COCO captions; the results are the paths of <name>_dj_fmt.jsonl.",
  config: { extra: z.object({ type: z.literal(TYPE), dataset_path: datasetPaths, ...common }) },
  reads: [{ at: 'extra_configs.dataset_path', kind: 'dataset' }],
  writes: [poolsNamed(() => ['_dj_fmt.jsonl'])],
  check: ({ extra_configs }) => namedTwice(extra_configs),
  run: run => runPools(run, { operation: 'coco_caption_to_dj', options: {} }),
});
