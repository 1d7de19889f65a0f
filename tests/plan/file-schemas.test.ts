// schemas/*.schema.json: that they are what the code makes, and say what zod says and no more than compile does. `npm run schemas` writes them anew.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it, test } from 'vitest';
import { catalogue } from '../../activities/catalogue.ts';
import { registry } from '../../activities/components.ts';
import { files } from '../../activities/runtime/files.ts';
import { packageRoot } from '../../activities/runtime/paths.ts';
import { compile } from '../../plan/compile.ts';
import { isObject } from '../../plan/dotted.ts';
import { FILE_KINDS, type FileKind, fileJsonSchema, fileSchema } from '../../plan/file-schemas/index.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import { parseSource } from '../../plan/source.ts';
import { readSweep } from '../../plan/sweep/read-sweep.ts';

const ROOT = packageRoot();
const SCHEMA_LINE = /^# yaml-language-server: \$schema=\.\.\/\.\.\/schemas\/(\w+)\.schema\.json\n/;
const ajv = new Ajv({ strict: false });
const schemas = Object.fromEntries(
  FILE_KINDS.map(kind => [
    kind,
    { zod: fileSchema(kind, registry), json: ajv.compile(fileJsonSchema(kind, registry)) },
  ]),
) as unknown as Record<FileKind, { zod: ReturnType<typeof fileSchema>; json: ReturnType<typeof ajv.compile> }>;

const texts = ['configs', join('examples', 'pytorch')]
  .flatMap(folder =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map(name => join(folder, name)),
  )
  .filter(name => name.endsWith('.yaml'))
  .map(name => [name, readFileSync(join(ROOT, name), 'utf8')] as const);
const configs = texts.flatMap(([name, text]) => {
  const kind = SCHEMA_LINE.exec(text)?.[1] as FileKind | undefined;
  return kind ? [{ name, kind, value: parseSource(name, text).value as JsonObject }] : [];
});

test.each(FILE_KINDS)('schemas/%s.schema.json is what the code makes', async kind => {
  const text = `${JSON.stringify(fileJsonSchema(kind, registry), null, 1)}\n`;
  await expect(text).toMatchFileSnapshot(join(ROOT, 'schemas', `${kind}.schema.json`));
});

test('every config of ours but Data-Juicer recipes names its schema in the first line', () => {
  const without = texts.filter(([, text]) => !SCHEMA_LINE.test(text));
  for (const [name, text] of without) expect(text, name).toMatch(/^process:/m);
  expect(new Set(configs.map(({ kind }) => kind))).toEqual(new Set(FILE_KINDS));
});

describe.each(configs)('$name', ({ kind, value }) => {
  const { zod, json } = schemas[kind];

  it('is what its schema takes', () => {
    expect(json(value), JSON.stringify(json.errors?.slice(0, 5))).toBe(true);
    expect(zod.safeParse(value).error?.issues ?? []).toEqual([]);
  });

  it('with something wrong is refused by JSON Schema where zod refuses it', () => {
    for (const { what, changed } of wrongOnes(value)) expect(json(changed), what).toBe(zod.safeParse(changed).success);
  });
});

const WRONG: Json[] = [null, 3.5, { unheard: 1 }];

/** The value with each of its parts replaced by something else, and with a key more. */
function wrongOnes(value: JsonObject): { what: string; changed: JsonObject }[] {
  return placesIn(value).flatMap(path =>
    WRONG.map(wrong => ({
      what: `${path.join('.')} = ${JSON.stringify(wrong)}`,
      changed: replaced(value, path, wrong) as JsonObject,
    })),
  );
}

function placesIn(value: Json, path: (string | number)[] = []): (string | number)[][] {
  if (path.length > 5) return [];
  const inner: [string | number, Json][] = Array.isArray(value)
    ? [...value.entries()]
    : isObject(value)
      ? Object.entries(value)
      : [];
  const here = isObject(value) ? [[...path, 'unheard_of']] : [];
  return [...here, ...inner.flatMap(([key, each]) => [[...path, key], ...placesIn(each, [...path, key])])];
}

function replaced(value: Json, [key, ...rest]: readonly (string | number)[], by: Json): Json {
  if (key === undefined) return by;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as JsonObject) }) as Record<string | number, Json>;
  copy[key] = replaced(copy[key] ?? null, rest, by);
  return copy as Json;
}

/** Whether a sandbox config or a sweep file is right by itself, as commands judge. */
const judges: Partial<Record<FileKind, (value: JsonObject) => boolean>> = {
  sandbox: value => compile({ config: value, baseDir: ROOT, absent: 'warning' }, registry, files, catalogue()).ok,
  sweep: value => readSweep(parseSource('sweep.json', JSON.stringify(value))).spec !== null,
};

describe.each(configs.filter(({ name }) => /(sandbox-text|sweep)\.yaml$/.test(name)))('$name', ({ kind, value }) => {
  it('is never refused in an editor where the commands take it', () => {
    // A parameter may have any key whose value is null: that is as good as absent.
    const wrong = wrongOnes(value).filter(({ what }) => kind !== 'sweep' || !what.endsWith('unheard_of = null'));
    const alarms = wrong.filter(({ changed }) => !schemas[kind].json(changed) && judges[kind]!(changed));
    expect(alarms.map(({ what }) => what)).toEqual([]);
  });
});

test('a placeholder that an input replaces is refused by neither editors nor commands, whatever stands there in the end', () => {
  const { name, value } = configs.find(each => each.name.includes('auto_prompt_optimization'))!;
  const changed = parseSource(
    name,
    JSON.stringify(value).replace('["<filled by input>"]', '"<filled by input>"'),
  ).value;
  expect(changed).not.toEqual(value);
  expect(judges.sandbox!(changed as JsonObject)).toBe(true);
  expect(schemas.sandbox.json(changed)).toBe(true);
  expect(schemas.sandbox.zod.safeParse(changed).success).toBe(true);
});

describe('the schema of sweep files', () => {
  const base = {
    method: 'random',
    metric: { name: 'm.loss', goal: 'minimize' },
    parameters: { 'op.x': { min: 1, max: 9 } },
  };
  const told = (value: JsonObject) =>
    readSweep(parseSource('s.json', JSON.stringify(value))).reading.problems.errors.map(({ message }) => message);

  it('knows the keys that reading knows', () => {
    const [message = ''] = told({ ...base, unheard_of_key: 1 });
    const known = /known: ([^)]*)/.exec(message)?.[1]?.split(', ');
    expect(Object.keys((schemas.sweep.zod as unknown as { shape: object }).shape).sort()).toEqual(known?.sort());
  });

  it.each<[object, boolean]>([
    [{}, true],
    [{ method: 'package.module:Sampler' }, true],
    [{ method: 'baies' }, false],
    [{ metric: { name: 'm.loss', goal: 'min' } }, false],
    [{ run_cap: 0 }, false],
    [{ run_cap: null }, true],
    [{ parameters: { group: { parameters: { 'a.b': { values: [1, 'x', null] } } } } }, true],
    [{ parameters: { 'op.x': { values: [] } } }, false],
    [{ parameters: { 'op.x': { distribution: 'log_unifrom', min: 1, max: 2 } } }, false],
    [{ early_terminate: { type: 'asha', R: 81, eta: 3, metric: { name: 'm.loss', goal: 'minimize' } } }, true],
    [{ early_terminate: { type: 'asha', R: 0 } }, false],
    [{ early_terminate: { type: 'hyperband', max_iter: 27, s: 2, strict: true } }, true],
    [{ early_terminate: { type: 'median', every: 10, max_iter: 9 } }, false],
  ])('with %j: %s, as reading has it', (change, good) => {
    const value = { ...base, ...change } as JsonObject;
    expect(schemas.sweep.json(value)).toBe(good);
    expect(told(value).length === 0).toBe(good);
  });
});

test('the schema of sandbox configs knows the global keys and job keys that compile knows', () => {
  const said = (value: JsonObject) => {
    const compiled = compile({ config: value, baseDir: ROOT }, registry, files, catalogue());
    return compiled.ok ? [] : compiled.diagnostics.map(({ message }) => message);
  };
  const knownIn = (messages: string[]) =>
    /unknown (?:job )?key; .*?known: ([^)\n]*)/.exec(messages.join('\n'))?.[1]?.split(', ').sort();
  const { shape } = schemas.sandbox.zod as unknown as { shape: Record<string, object> };
  expect(Object.keys(shape).sort()).toEqual(knownIn(said({ zzzzzzzzzzzzzzzzzzzz: 1 })));
  const job = { hook: 'ProcessDataHook', dj_configs: { dataset_path: 'x', export_path: 'y' } };
  const known = knownIn(said({ execution_job_configs: [{ ...job, zzzzzzzzzzzzzzzzzzzz: 1 }] }))!;
  for (const key of known) {
    const value = { execution_job_configs: [{ ...job, [key]: key === 'hook' ? job.hook : null }] };
    expect(schemas.sandbox.json(value), key).toBe(true);
  }
});
