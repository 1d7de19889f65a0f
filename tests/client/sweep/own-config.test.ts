import { describe, expect, it } from 'vitest';
import { bestRecipe, stem } from '../../../client/sweep/best-recipe.ts';
import { ownConfig, ownConfigText } from '../../../client/sweep/own-config.ts';
import type { Manifest } from '../../../plan/manifest.ts';
import type { Json } from '../../../plan/plan.ts';
import { parseSource } from '../../../plan/source.ts';

const SET = { 'text_length_filter.min_len': 20, 'train.extra_configs.lr': 2e-5, 'f.arg': 'yes' };
const read = (text: string) => parseSource('c.yaml', text).value;

describe('the config of one point of a sweep', () => {
  it('is the user’s own, comments and all, with values for the parameters and without its sweep', () => {
    const text = `# what it is about
project_name: p   # mine
hpo_config: sweep.yaml  # many trials

work_dir: ./out
set:
  text_length_filter.min_len: 5   # replaced
  f.other: [1, 2]
# the jobs
probe_job_configs:
  - hook: ProbeViaAnalyzerHook
    extra_configs:
`;
    const made = ownConfigText(text, 'c.yaml', SET, ['The best of sweep s']);
    expect(made).toBe(`# The best of sweep s
# what it is about
project_name: p   # mine

work_dir: ./out
# the jobs
probe_job_configs:
  - hook: ProbeViaAnalyzerHook
    extra_configs:
set:
  text_length_filter.min_len: 20
  f.other:
    - 1
    - 2
  train.extra_configs.lr: 0.00002
  f.arg: "yes"
`);
    expect(read(made)).toEqual(ownConfig(read(text)!, SET));
  });

  it.each<[string, string]>([
    ['JSON', '{"project_name": "p", "hpo_config": "s.yaml", "work_dir": "./o"}'],
    ['a map in flow style', '{project_name: p, hpo_config: s.yaml}'],
    ['a last line without an end', 'project_name: p\nhpo_config: s.yaml'],
    ['a key that is null', 'hpo_config:\nproject_name: p\nset:\n'],
    ['its only key', 'hpo_config: s.yaml\n'],
    [
      'values of several lines and numbers written otherwise',
      'set:\n  a.b: |\n    x\n    y\nseed_like: 0x1f\nok: 1e3\nhpo_config: >\n  s\nq: "yes"\n',
    ],
    ['a document mark', '---\nproject_name: p\nhpo_config: s.yaml\n...\n'],
    ['an anchor that is used later', 'set: &s\n  a.b: 1\nother: *s\nhpo_config: s.yaml\n'],
    ['Windows line ends', 'project_name: p\r\nhpo_config: s.yaml\r\nwork_dir: o\r\n'],
  ])('is right for %s', (_, text) => {
    const value = read(text)!;
    expect(value).not.toBeNull();
    expect(read(ownConfigText(text, 'c.yaml', SET, ['head']))).toEqual(ownConfig(value, SET));
  });

  it('names no sweep, whatever set it', () => {
    const set: Record<string, Json> = { hpo_config: 'x', 'a.b': 1 };
    expect(ownConfig({ hpo_config: 's', set: { hpo_config: 'y' } }, set)).toEqual({ set: { 'a.b': 1 } });
  });
});

describe('the winning recipe', () => {
  const dir = '/w/jobs/k';
  const manifest = (dj_configs: object | null) =>
    ({
      config: { dj_configs, extra_configs: null },
      writes: { 'dj_configs.export_path': 'epoch-1/out/p.parquet' },
    }) as unknown as Manifest;

  it('exports beside its own file, and says nothing of the job’s directory', () => {
    const ran = {
      dataset_path: '/data/d.jsonl',
      export_path: `${dir}/epoch-1/out/p.parquet`,
      work_dir: `${dir}/epoch-1/data-juicer`,
      process: [{ op: { min_len: 20, cache: `${dir}/x` } }],
    };
    expect(bestRecipe(manifest(ran), dir, '/here/best.yaml')).toEqual({
      dataset_path: '/data/d.jsonl',
      export_path: '/here/best-data.parquet',
      work_dir: '/here/data-juicer',
      process: [{ op: { min_len: 20, cache: '/here/x' } }],
    });
  });
  it('is none where the job ran without one', () => {
    expect(bestRecipe(manifest(null), dir, '/here/best.yaml')).toBeNull();
  });
  it('gives the config its name', () => {
    expect(stem('/a.b/best.recipe.yaml')).toBe('best.recipe');
  });
});
