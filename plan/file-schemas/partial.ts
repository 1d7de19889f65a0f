import { z } from 'zod';

/** A schema whose own keys may all be missing or null, as where an input fills them in, but for `required`; checks over several keys are left out. */
export function partialOf(schema: z.ZodType, required: readonly string[] = []): z.ZodType {
  if (!(schema instanceof z.ZodObject)) return schema;
  const shape = Object.entries(schema.shape as Record<string, z.ZodType>);
  const loose = z.object(
    Object.fromEntries(shape.map(([key, of]) => [key, required.includes(key) ? of : of.nullish()])),
  );
  const { catchall } = schema.def;
  return catchall ? loose.catchall(catchall as z.ZodType) : loose;
}
