import { z } from 'zod';
import type { ReadField } from '../../plan/component.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { ASKING } from './asking-config.ts';

/** Keys of inference by a model on this host. */
export const LOCAL = {
  ...ASKING,
  /** A folder, or a name on the hub. */
  model: z.string().min(1),
  /** Passed to what loads the model. */
  model_params: z.record(z.string(), z.unknown()).nullish(),
};

export const LOCAL_READS: ReadField[] = [
  { at: 'extra_configs.dataset_path', kind: 'dataset' },
  { at: 'extra_configs.model', kind: 'model', hub: true },
];

/** A value of `model_params`, whose shape is the library's business. */
export function modelParam(config: JsonObject | null, name: string): unknown {
  const params = config?.model_params;
  return typeof params === 'object' && params !== null && !Array.isArray(params) ? params[name] : undefined;
}
