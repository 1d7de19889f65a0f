// A job that each built-in component does well, for the conformance suite; a component stands in one of the three lists.
import type { ComponentUnderTest } from '../../../activities/own/conformance/index.ts';
import { COMMANDS } from './commands.ts';
import { COCO_CAPTIONS, TO_EASYANIMATE } from './conversions.ts';
import { HELD_OUT_LOSS, PLAYED_EASYANIMATE } from './easyanimate.ts';
import { COMPARISONS, INTERNVL_SCORES, QUALITY_CLASSIFIER, VIDEO_INCEPTION, VIDEO_QUALITY } from './evaluators.ts';
import { API, HUGGING_FACE, MODELSCOPE_PROBE, VLLM } from './models.ts';
import { OPERATIONS, RANKINGS } from './pools.ts';
import { DATA_JUICER, REFINEMENTS } from './recipes.ts';
import { PLAYED_TRAINERS } from './trainers.ts';

/** Components that need nothing but this process: seconds for all of them. `npm test` runs them. */
export const QUICK: ComponentUnderTest[] = [TO_EASYANIMATE, ...REFINEMENTS, ...RANKINGS];

/** Components whose real programs run: some seconds each. `npm run test:slow-data` runs them. */
export const WITH_PROGRAMS: ComponentUnderTest[] = [
  ...OPERATIONS,
  ...COCO_CAPTIONS,
  ...COMPARISONS,
  ...COMMANDS,
  ...DATA_JUICER,
  API,
  HUGGING_FACE,
  HELD_OUT_LOSS,
  VIDEO_QUALITY,
  VIDEO_INCEPTION,
  QUALITY_CLASSIFIER,
];

/** Components whose programs are played. `npm run test:slow-data` runs them. */
export const PLAYED: ComponentUnderTest[] = [
  ...PLAYED_EASYANIMATE,
  ...PLAYED_TRAINERS,
  VLLM,
  MODELSCOPE_PROBE,
  INTERNVL_SCORES,
];
