import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CompileRequest } from '../../plan/compile.ts';
import { keyPlan } from '../../plan/keys.ts';
import { type Json, jobsOf, type Plan } from '../../plan/plan.ts';
import { planOf, type Texts } from './compiled.ts';
import { REGISTRY } from './registry.ts';
import { BY_INPUTS, BY_PATHS, TEXT_FILES, VIDEO_FILES, videoPipeline } from './shapes.ts';

/** Every path has its own content, and `changed` another one. */
function keyed(plan: Plan, changed: string[] = []): Plan {
  const paths = jobsOf(plan).flatMap(job => job.reads.map(read => read.path));
  return keyPlan(
    plan,
    REGISTRY,
    new Map(paths.map(path => [path, changed.includes(path) ? 'other' : `content of ${path}`])),
  );
}

function keys(
  config: string,
  texts: Texts,
  request: Partial<CompileRequest> = {},
  changed: string[] = [],
): (string | null)[] {
  return jobsOf(keyed(planOf(config, texts, request), changed)).map(job => job.key);
}

const text = (
  config = BY_INPUTS,
  change: (text: string) => string = same => same,
  request: Partial<CompileRequest> = {},
) =>
  keys(config, { ...TEXT_FILES, 'recipes/short-texts.yaml': change(TEXT_FILES['recipes/short-texts.yaml']) }, request);

const before = text();
/** Positions of the jobs whose keys differ. */
const moved = (after: (string | null)[], from = before) => after.flatMap((key, i) => (key === from[i] ? [] : [i]));

describe('runs', () => {
  const keysWith = (runs: Record<string, string>) => {
    const plan = planOf(BY_INPUTS, TEXT_FILES);
    const paths = jobsOf(plan).flatMap(job => job.reads.map(read => read.path));
    return jobsOf(keyPlan(plan, REGISTRY, new Map(paths.map(path => [path, `content of ${path}`])), 'x', runs));
  };

  it('give a job and what takes its results keys of their own, the same for the same name, and are noted in the plan', () => {
    const ids = jobsOf(planOf(BY_INPUTS, TEXT_FILES)).map(job => job.id);
    const again = keysWith({ [ids[1]!]: 'again' });
    const changed = moved(again.map(job => job.key));
    expect(changed[0]).toBe(1);
    expect(changed.length).toBeGreaterThan(1);
    expect(again.map(job => job.run)).toEqual(ids.map((_, i) => (i === 1 ? 'again' : undefined)));
    expect(keysWith({ [ids[1]!]: 'again' })).toEqual(again);
    expect(keysWith({ [ids[1]!]: 'other' })[1]?.key).not.toBe(again[1]?.key);
  });
});

describe('cache: false', () => {
  const uncached = planOf(
    BY_INPUTS.replace('- hook: ProcessDataHook', '- hook: ProcessDataHook\n    cache: false'),
    TEXT_FILES,
  );
  const keysOf = (run: string, iteration = 1) => {
    const paths = jobsOf(uncached).flatMap(job => job.reads.map(read => read.path));
    const plan = keyPlan({ ...uncached, iteration }, REGISTRY, new Map(paths.map(path => [path, 'same'])), run);
    return jobsOf(plan).map(job => job.key);
  };

  it('gives the job a key of its own in each run and iteration, and leaves the jobs before it alone', () => {
    expect(jobsOf(uncached).some(job => !job.cache)).toBe(true);
    const first = jobsOf(uncached).findIndex(job => !job.cache);
    expect(keysOf('a')).toEqual(keysOf('a'));
    expect(keysOf('b').slice(0, first)).toEqual(keysOf('a').slice(0, first));
    expect(keysOf('b')[first]).not.toBe(keysOf('a')[first]);
    expect(keysOf('a', 2)[first]).not.toBe(keysOf('a')[first]);
  });
});

describe('a job key', () => {
  it('is 20 hexadecimal digits, and each job has its own', () => {
    expect(before.every(key => /^[0-9a-f]{20}$/.test(key ?? ''))).toBe(true);
    expect(new Set(before).size).toBe(before.length);
  });

  it.each<[string, string[]]>([
    ['names of project and experiment', text(BY_INPUTS.replace('quick-look', 'other'))],
    ['a meta_name', text(BY_INPUTS.replaceAll('clean', 'purge'))],
    ['the meta_name that probe and k-sigma share', text(BY_INPUTS.replaceAll('before', 'first'))],
    ['the name of an output', text(BY_INPUTS.replaceAll('recipe}', 'r}').replace('output: recipe', 'output: r'))],
    [
      'the name of the pipeline',
      text(
        `pipelines:\n  - other:${BY_INPUTS.slice(BY_INPUTS.indexOf('\nprobe')).replaceAll('\n', '\n      ').replaceAll('anonymous.', 'other.')}`,
      ),
    ],
    ['an output path', text(BY_INPUTS.replace('./out/refined.yaml', './elsewhere/r.yaml'))],
    [
      'the path of the analysed dataset',
      text(BY_INPUTS, recipe => recipe.replace('./out/cleaned.jsonl', './other/c.jsonl')),
    ],
    ['the work_dir', text(BY_INPUTS.replace('./out/work', './w'))],
    ['np', text(BY_INPUTS.replace('np: 2', 'np: 3'), recipe => recipe.replace('np: 4', 'np: 1'))],
    ['a comment', text(BY_INPUTS.replaceAll('  - hook', '  # why\n  - hook'), recipe => `# what\n${recipe}`)],
    [
      'the order of keys',
      text(BY_INPUTS, recipe => recipe.replace('min_len: 20\n      max_len: 2000', 'max_len: 2000\n      min_len: 20')),
    ],
    [
      'what happens on failure, and tags',
      text(BY_INPUTS.replaceAll('    meta_name', '    on_failure: wait\n    resources: {tag: other}\n    meta_name')),
    ],
    ['the iteration', text(BY_INPUTS, undefined, { iteration: 3 })],
  ] as [string, string[]][])('does not change with %s', (_, after) => {
    expect(moved(after)).toEqual([]);
  });

  it('changes with an op argument, in every job that it reaches', () => {
    expect(moved(text(BY_INPUTS, recipe => recipe.replace('min_len: 20', 'min_len: 21')))).toEqual([0, 1, 2, 3, 4, 5]);
  });
  it('changes with an op argument from outside, also where it is applied to a recipe that is read late', () => {
    expect(moved(text(BY_INPUTS, undefined, { set: { 'text_length_filter.max_len': 9 } }))).toEqual([0, 1, 2, 3, 4, 5]);
  });
  it('changes with k, from the refined recipe on', () => {
    expect(moved(text(BY_INPUTS.replace('refined.yaml}', 'refined.yaml, k: 2}')))).toEqual([1, 2, 3, 4, 5]);
  });
  it('changes with what `local` sets over a recipe that is read late', () => {
    expect(moved(text(BY_INPUTS.replace('dj_configs.np: 2', 'dj_configs.text_keys: [t]')))).toEqual([2, 3, 4, 5]);
  });
  it('changes with the format of an output, which its ending chooses', () => {
    expect(moved(text(BY_INPUTS.replace('refined.yaml', 'refined.json')))).toEqual([1, 2, 3, 4, 5]);
  });
  it('changes with the content of what is read', () => {
    expect(moved(keys(BY_INPUTS, TEXT_FILES, {}, ['/base/data/d.jsonl']))).toEqual([0, 1, 2, 3, 4, 5]);
  });
  it('changes with the version of the component', () => {
    const plan = planOf(BY_INPUTS, TEXT_FILES);
    const newer = structuredClone(plan);
    jobsOf(newer)[3]!.componentVersion = 2;
    expect(moved(jobsOf(keyed(newer)).map(job => job.key))).toEqual([3]);
  });
  it('needs a fingerprint of everything that is read', () => {
    expect(() => keyPlan(planOf(BY_INPUTS, TEXT_FILES), REGISTRY, new Map())).toThrow(
      'no fingerprint of /base/data/d.jsonl',
    );
  });
  it('is the same for jobs that do the same', () => {
    const job =
      '  - {hook: ProcessDataHook, meta_name: NAME, dj_configs: {dataset_path: data/d.jsonl, export_path: NAME.jsonl}}\n';
    const [one, two] = keys(`execution_job_configs:\n${job.replaceAll('NAME', 'a')}${job.replaceAll('NAME', 'b')}`, {});
    expect(one).toBe(two);
  });
});

describe('keys of a video pipeline', () => {
  const video = (config = videoPipeline(true), files: Texts = VIDEO_FILES) => keys(config, files);
  const base = video();
  const train = (from: string, to: string): Texts => ({
    ...VIDEO_FILES,
    'video/train.yaml': VIDEO_FILES['video/train.yaml'].replace(from, to),
  });

  it('are those of the other generation’s spelling', () => {
    expect(moved(video(videoPipeline(false)), base)).toEqual([]);
  });
  it('change with the seed, from the training on', () => {
    expect(moved(video(undefined, train('seed: 42', 'seed: 43')), base)).toEqual([4, 5, 6]);
  });
  it('do not change with the tracker’s names', () => {
    expect(moved(video(undefined, train('experiment_name: one', 'experiment_name: two')), base)).toEqual([]);
  });
  it('do not change when a dataset on the way is named otherwise', () => {
    const renamed = Object.fromEntries(
      Object.entries(VIDEO_FILES).map(([path, file]) => [path, file.replaceAll('chosen', 'sampled')]),
    );
    expect(moved(video(videoPipeline(true).replaceAll('chosen', 'sampled'), renamed), base)).toEqual([]);
  });
});

describe('laws of keys, for any values', () => {
  const config = (args: Record<string, Json>) => ({
    execution_job_configs: [
      {
        hook: 'ProcessDataHook',
        dj_configs: { dataset_path: 'data/d.jsonl', process: [{ text_length_filter: args }] },
      },
    ],
  });
  const keyFor = (args: Record<string, Json>) => keys('', {}, { config: config(args) })[0];
  const args = fc.record({ min_len: fc.integer(), max_len: fc.integer() });

  it('equal arguments have equal keys, others have others', () => {
    void fc.assert(
      fc.property(args, args, (a, b) => {
        const same = a.min_len === b.min_len && a.max_len === b.max_len;
        return (keyFor(a) === keyFor(b)) === same;
      }),
    );
  });
  it('the order in which arguments are written does not matter', () => {
    void fc.assert(
      fc.property(args, ({ min_len, max_len }) => keyFor({ min_len, max_len }) === keyFor({ max_len, min_len })),
    );
  });
  it('keying twice changes nothing', () => {
    const plan = keyed(planOf(BY_PATHS, TEXT_FILES));
    expect(keyed(plan)).toEqual(plan);
  });
});
