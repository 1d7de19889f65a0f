import { z } from 'zod';
import type { ComponentSpec } from './component.ts';
import { declare, folder, GPU, internvl, LATER, model, path, paths } from './declare.ts';

/** Evaluators. */
export const DECLARED_EVALUATORS: ComponentSpec[] = [
  declare({
    name: 'evaluate.internvl-coco-caption',
    hook: 'EvaluateModelHook',
    type: 'internvl_coco_caption',
    summary: 'Scores InternVL2 checkpoints on COCO captions (BLEU, METEOR, ROUGE-L, CIDEr).',
    resources: GPU,
    config: { extra: z.looseObject({ ...internvl, ckpt_paths: paths }) },
    reads: [{ at: 'extra_configs.ckpt_paths', kind: 'model' }, folder('internvl_home')],
    results: [{ value: 'scores' }],
    notRunnable: `InternVL ${LATER}`,
  }),
];

/** Probes and refinement by models. */
export const DECLARED_PROBES: ComponentSpec[] = [
  declare({
    name: 'probe.model-infer',
    hook: 'ProbeViaModelInferHook',
    type: 'modelscope',
    summary: 'Runs a ModelScope model on a sample of a dataset.',
    resources: GPU,
    recipe: true,
    config: {
      dj: z.looseObject({
        dataset_path: path,
        data_probe_algo: z.string().nullish(),
        data_probe_ratio: z.number().nullish(),
      }),
      extra: z.looseObject({ type: z.literal('modelscope') }),
    },
    reads: [{ at: 'dj_configs.dataset_path', kind: 'dataset', hub: true }, model('model')],
    results: [{ value: 'results' }],
    notRunnable: `ModelScope inference ${LATER}`,
  }),
];
