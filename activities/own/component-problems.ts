import { z } from 'zod';
import type { ComponentSpec } from '../../plan/component.ts';
import { JOB_LIST_NAME } from '../../plan/job-lists.ts';

const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)+$/;
const CONFIG_KEY = /^(?:dj_configs|extra_configs)\../;

const word = z.string({ error: 'expected a text' }).min(1, 'is empty: expected a text');
const flag = z.boolean({ error: 'expected true or false' });
const whole = (least: number) =>
  z
    .int({ error: `expected a whole number of at least ${least}` })
    .min(least, `expected a whole number of at least ${least}`);
const configKey = word.regex(CONFIG_KEY, 'expected a config key such as extra_configs.dataset_path');
const work = z.custom<unknown>(value => typeof value === 'function', 'expected a function');
const schema = z
  .custom<unknown>(
    value => typeof (value as { safeParse?: unknown } | null)?.safeParse === 'function' && '_zod' in Object(value),
    'expected a schema of zod 4 (`z` of this package is one)',
  )
  .optional();

const shape = z.looseObject({
  name: word.regex(NAME, 'expected <stage>.<name> of small letters, digits and dashes, such as evaluate.word-count'),
  hook: word,
  type: word.optional(),
  version: whole(1),
  summary: word.regex(/^[^\n]*$/, 'expected one line'),
  resources: z.object({ tag: word, gpus: whole(0) }, { error: 'expected {tag, gpus}' }),
  claims: flag,
  cacheable: flag,
  config: z.object({ dj: schema, extra: schema }, { error: 'expected {dj?, extra?}, schemas of zod' }),
  reads: z.array(z.looseObject({ at: configKey, kind: word }), { error: 'expected a list of {at, kind}' }),
  writes: z.array(z.looseObject({ at: configKey, kind: z.enum(['file', 'directory'], 'expected file or directory') }), {
    error: 'expected a list of {at, kind}',
  }),
  results: z.array(
    z.union([z.looseObject({ write: configKey }), z.looseObject({ value: word })], {
      error: 'expected {write: config key} or {value: name}',
    }),
    { error: 'expected a list of {write} or {value}' },
  ),
  jobList: z
    .object({
      stage: word.regex(JOB_LIST_NAME, 'expected small letters, digits and underscores'),
      after: word.optional(),
    })
    .optional(),
  run: work,
  runPart: work.optional(),
});

/** What is wrong with what a file gives out as a component, each problem with the property that has it. */
export function componentProblems(given: unknown): string[] {
  const result = shape.safeParse(given);
  if (!result.success)
    return result.error.issues.map(({ path, message }) =>
      path.length > 0 ? `${path.join('.')}: ${message}` : message,
    );
  const { writes, results, parts, runPart, hook, type, config } = given as ComponentSpec & { runPart?: unknown };
  const problems: string[] = [];
  for (const [i, one] of results.entries())
    if ('write' in one && !writes.some(({ at }) => at === one.write))
      problems.push(`results.${i}: no entry of writes has at: ${one.write}`);
  if (parts && !runPart) problems.push('runPart: expected a function, because it has parts');
  const isChosen = type === undefined || !config.extra || accepts(config.extra, type);
  if (!isChosen)
    problems.push(`config.extra: its key "type" does not take ${JSON.stringify(type)}, by which ${hook} chooses it`);
  return problems;
}

/** Whether a schema of `extra_configs` lets the type through that chooses the component; other keys may well be missing. */
function accepts(schema: z.ZodType, type: string): boolean {
  const { error } = schema.safeParse({ type });
  return !error?.issues.some(issue => {
    if (issue.code === 'unrecognized_keys') return issue.path.length === 0 && issue.keys.includes('type');
    return issue.path[0] === 'type';
  });
}
