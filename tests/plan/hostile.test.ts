import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../../plan/compile.ts';
import { formatDiagnostic } from '../../plan/diagnostic.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { parseSource } from '../../plan/source.ts';
import { CATALOGUE } from './catalogue.ts';
import { BASE, DATA, filesOf } from './compiled.ts';
import { REGISTRY } from './registry.ts';
import { BY_INPUTS, ITERATING, TEXT_FILES, VIDEO_FILES, videoPipeline } from './shapes.ts';

const words = [
  'anonymous',
  'p',
  '-1.x',
  'data/d.jsonl',
  '<x>',
  'a.b.c > 1',
  'easyanimate',
  '../..',
  '',
  '\0',
  'recipes/short-texts.yaml',
];
const keys = [
  ...[
    'pipelines',
    'probe_job_configs',
    'refine_recipe_job_configs',
    'execution_job_configs',
    'evaluation_job_configs',
    'iter_targets',
  ],
  ...[
    'iter_updater',
    'max_iter_num',
    'hook',
    'meta_name',
    'dj_configs',
    'extra_configs',
    'input',
    'output',
    'local',
    'resources',
    'type',
  ],
  ...[
    'dj_configs.process.0.text_length_filter',
    'process',
    'dataset_path',
    'export_path',
    'train',
    'text_length_filter',
    'a',
  ],
];
const anyConfig = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 6 },
    fc.constantFrom(...words, ...REGISTRY.map(spec => spec.hook), ...REGISTRY.map(spec => spec.type ?? 'x')),
    fc.constantFrom(null, true, 0, -1, 1.5),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...keys), tie('value'), { maxKeys: 5 }),
  ),
}));

describe('whatever it is given, compile says so and does not throw:', () => {
  it('configs of the right words in any order', () => {
    const files = filesOf({ ...DATA, ...TEXT_FILES });
    void fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), anyConfig.value, { maxKeys: 6 }), config => {
        const result = compile({ config: config as JsonObject, baseDir: BASE }, REGISTRY, files, CATALOGUE);
        if (!result.ok) expect(result.diagnostics.map(formatDiagnostic).join('\n')).not.toMatch(/undefined|\[object/);
      }),
      { numRuns: 1000 },
    );
  });

  it('published shapes with a line lost, doubled, or cut short', () => {
    const shapes = [BY_INPUTS, ITERATING, videoPipeline(true)];
    const files = { ...DATA, ...TEXT_FILES, ...VIDEO_FILES };
    void fc.assert(
      fc.property(
        fc.constantFrom(...shapes),
        fc.nat(),
        fc.constantFrom('lose', 'double', 'cut', 'indent'),
        (shape, at, how) => {
          const lines = shape.split('\n');
          const i = at % lines.length;
          const line = lines[i] ?? '';
          const changed = {
            lose: [],
            double: [line, line],
            cut: [line.slice(0, line.length / 2)],
            indent: [`  ${line}`],
          }[how];
          lines.splice(i, 1, ...(changed ?? []));
          compile(
            { config: '/base/s.yaml', baseDir: BASE },
            REGISTRY,
            filesOf({ ...files, 's.yaml': lines.join('\n') }),
            CATALOGUE,
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it('texts of YAML’s own signs', () => {
    const signs = fc.constantFrom(
      ...'[]{}:-?&*!|>%@`"\'#,~ \n\t',
      '- ',
      ': ',
      '? ',
      '<<: ',
      '&a ',
      '*a ',
      '!!str ',
      '---\n',
      '...\n',
      'a',
      '1',
      '\n  ',
    );
    void fc.assert(
      fc.property(fc.array(signs, { maxLength: 60 }), parts => {
        const source = parseSource('f.yaml', parts.join(''));
        expect(source.value === null).toBe(source.diagnostics.length > 0);
        for (const { line, col } of source.diagnostics) expect(line > 0 && col > 0).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });
});
