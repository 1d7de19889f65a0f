import { z } from 'zod';
import type { ComponentSpec } from './component.ts';
import { declare, folder, GPU, internvl, LATER, paths } from './declare.ts';

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
