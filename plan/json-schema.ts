import { z } from 'zod';
import type { JsonObject } from './plan.ts';

/** A zod schema as JSON Schema (draft 2020-12) of what a user may write; what JSON Schema cannot say is let through. */
export function jsonSchemaOf(schema: z.ZodType): JsonObject {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonObject;
}
