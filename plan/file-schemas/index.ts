import { z } from 'zod';
import type { ComponentRegistry } from '../component.ts';
import type { JsonObject } from '../plan.ts';
import { studySchema } from '../study/study-schema.ts';
import { componentFile } from './component-file.ts';
import { sandboxFile } from './sandbox-file.ts';
import { sweepFile } from './sweep-file.ts';

/** Kinds of files that have a JSON Schema, `schemas/<kind>.schema.json`. */
export const FILE_KINDS = ['sandbox', 'component', 'sweep', 'study'] as const;
export type FileKind = (typeof FILE_KINDS)[number];

/** The zod schema of a kind of file. */
export function fileSchema(kind: FileKind, registry: ComponentRegistry): z.ZodType {
  return {
    sandbox: () => sandboxFile(registry),
    component: () => componentFile(registry),
    sweep: () => sweepFile,
    study: () => studySchema,
  }[kind]();
}

/** Its JSON Schema, of the draft that editors know best. */
export function fileJsonSchema(kind: FileKind, registry: ComponentRegistry): JsonObject {
  const schema = fileSchema(kind, registry);
  return z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    target: 'draft-07',
    reused: 'ref',
  }) as JsonObject;
}
