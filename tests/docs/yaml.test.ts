// YAML of the docs: that it is YAML, that it is what the schemas take, and that whole configs compile.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { registry } from '../../activities/components.ts';
import { compileConfig } from '../../client/compile-config.ts';
import { formatDiagnostic } from '../../plan/diagnostic.ts';
import { isObject } from '../../plan/dotted.ts';
import { type FileKind, fileSchema } from '../../plan/file-schemas/index.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import { parseSource } from '../../plan/source.ts';
import { parseDevConfig } from '../../workers/dev-config.ts';
import { blocksOf, pages } from '../support/docs/pages.ts';

/** Of other programs, or a piece too small to tell. */
const FOREIGN = ['scrape_configs', 'apiVersion', 'process', 'services'];
const LISTS = /^(probe|refine_recipe|execution|evaluation)_job_configs$/;
const GLOBAL = ['pipelines', 'trackers', 'notify', 'set', 'durability', 'work_dir', 'max_iter_num'];

const BLOCKS = pages()
  .flatMap(blocksOf)
  .filter(({ language }) => language === 'yaml' || language === 'yml')
  .filter(({ text }) => /^[^#\n]/m.test(text))
  .flatMap(({ page, line, text }) => text.split(/^---$/m).map(each => [`${page}:${line}`, asMap(each)] as const));
const folder = mkdtempSync(join(tmpdir(), 'docs-yaml-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A list of jobs as the map that it is a piece of. */
function asMap(text: string): string {
  return text.startsWith('- ') ? `execution_job_configs:\n${text}` : text;
}

/** Which file a block is a piece of, made whole; null for those of other programs. */
function made(value: Json): { kind: FileKind | 'dev'; value: JsonObject } | null {
  if (!isObject(value)) return null;
  const keys = Object.keys(value);
  if (keys.some(key => FOREIGN.includes(key))) return null;
  if (keys.some(key => LISTS.test(key) || GLOBAL.includes(key))) return { kind: 'sandbox', value };
  if (keys.includes('server') || keys.includes('workers')) return { kind: 'dev', value };
  if (keys.includes('recipe') && keys.includes('dataset')) return { kind: 'study', value };
  if (keys.includes('argv')) return { kind: 'component', value: { type: 'command', ...value } };
  if (keys.includes('extra_configs') || keys.includes('durability'))
    return made({ execution_job_configs: [{ hook: 'TrainModelHook', ...value }] });
  if (['method', 'parameters', 'early_terminate'].some(key => keys.includes(key)))
    return {
      kind: 'sweep',
      value: { method: 'random', metric: { name: 'a.b', goal: 'minimize' }, parameters: { a: { value: 1 } }, ...value },
    };
  return null;
}

test('there are some', () => expect(BLOCKS.length).toBeGreaterThan(15));

test.each(BLOCKS)('%s is YAML that its schema takes', (place, text) => {
  const { value, diagnostics } = parseSource(place, text);
  expect(diagnostics.map(formatDiagnostic)).toEqual([]);
  const whole = made(value as Json);
  if (whole === null) return;
  if (whole.kind === 'dev') expect(parseDevConfig(join(folder, 'temporal-dev.yaml'), text).workers).toBeDefined();
  else expect(fileSchema(whole.kind, registry).safeParse(whole.value).error?.issues ?? []).toEqual([]);
});

test.each(BLOCKS.filter(([, text]) => /^work_dir:/m.test(text)))('%s compiles', (_, text) => {
  mkdirSync(join(folder, 'data'), { recursive: true });
  writeFileSync(join(folder, 'data.jsonl'), '{"text": "one"}\n');
  writeFileSync(
    join(folder, 'recipe.yaml'),
    'dataset_path: data.jsonl\nexport_path: outputs/out.jsonl\nprocess: [{text_length_filter: {min_len: 1}}]\n',
  );
  const value = parseSource('sandbox.yaml', text).value as JsonObject;
  const compiled = compileConfig({ config: value, set: {}, baseDir: folder, absent: 'warning' });
  expect(compiled.ok ? [] : compiled.errors.map(formatDiagnostic)).toEqual([]);
});
