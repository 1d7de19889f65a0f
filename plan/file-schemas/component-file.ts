import { z } from 'zod';
import type { ComponentRegistry } from '../component.ts';
import { partialOf } from './partial.ts';

/** The schema of a file that `extra_configs` of a job names: its `type` says which component's keys it has. What jobs fill in may be missing. */
export function componentFile(registry: ComponentRegistry): z.ZodType {
  const files = registry.flatMap(({ type, summary, config: { extra } }) =>
    type === undefined || !extra ? [] : [partialOf(extra, ['type']).describe(summary)],
  );
  return z.union(files as unknown as [z.ZodType, z.ZodType]).describe('Config of a component of dj-sandbox');
}
