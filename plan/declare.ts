// What the declarations of components that do not run here share.
import { z } from 'zod';
import type { ComponentSpec, ReadField } from './component.ts';
import { environmentKeys } from './environment.ts';

export const GPU = { tag: 'gpu', gpus: 1 };

export const path = z.string();
export const paths = z.union([z.string(), z.array(z.string())]);
export const environment = environmentKeys;

type Declared = Omit<ComponentSpec, 'version' | 'claims' | 'cacheable' | 'reads' | 'writes'> & Partial<ComponentSpec>;

/** A component that compiles and does not run: what it reads and makes is told, the rest is usual. */
export function declare(spec: Declared): ComponentSpec {
  const needsHost = spec.resources.gpus > 0;
  return { version: 1, claims: needsHost, cacheable: true, reads: [], writes: [], ...spec };
}

export const dataset = (key: string): ReadField => ({ at: `extra_configs.${key}`, kind: 'dataset' });
export const folder = (key: string): ReadField => ({ at: `extra_configs.${key}`, kind: 'directory' });
export const model = (key: string): ReadField => ({ at: `extra_configs.${key}`, kind: 'model', hub: true });
export const makesFolder = (key: string) => ({ at: `extra_configs.${key}`, kind: 'directory' as const });

export const LATER = 'comes with a later version';

/** Keys that InternVL's training and scoring share. */
export const internvl = {
  type: z.literal('internvl_coco_caption'),
  internvl_home: path,
  num_gpus: z.int().positive().nullish(),
  ...environment,
};
