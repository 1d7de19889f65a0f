import { z } from 'zod';
import { PLACEHOLDER } from '../paths.ts';

const placeholder = z.string().regex(PLACEHOLDER).describe('for what an input fills in');
/** A schema that takes placeholders too, which published configs write where an input gives a list or a number. */
const orPlaceholder = (of: z.ZodType) => (of.safeParse('<placeholder>').success ? of : z.union([of, placeholder]));

/** A schema whose own keys may all be missing, null or a placeholder, as where an input fills them in, but for `required`; checks over several keys are left out. */
export function partialOf(schema: z.ZodType, required: readonly string[] = []): z.ZodType {
  if (!(schema instanceof z.ZodObject)) return schema;
  const shape = Object.entries(schema.shape as Record<string, z.ZodType>);
  const loose = z.object(
    Object.fromEntries(shape.map(([key, of]) => [key, required.includes(key) ? of : orPlaceholder(of).nullish()])),
  );
  const { catchall } = schema.def;
  return catchall ? loose.catchall(catchall as z.ZodType) : loose;
}
