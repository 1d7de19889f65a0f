// Every operation on pools with the real program, against small implementations of our own, the laws that hold, and `datasets` itself.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generateCocoMeta } from '../../activities/convert/coco-caption-meta.ts';
import { convertCocoCaption } from '../../activities/convert/coco-caption-to-dj.ts';
import { joinPools } from '../../activities/pools/cartesian-join.ts';
import { combinePools } from '../../activities/pools/combination.ts';
import { constructPools } from '../../activities/pools/construction.ts';
import { downsamplePools } from '../../activities/pools/downsampling.ts';
import { duplicatePools } from '../../activities/pools/duplication.ts';
import { mergePools } from '../../activities/pools/merging.ts';
import { pythonOf } from '../../activities/runtime/paths.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { supervisedRun, workFolder } from '../support/evaluators.ts';
import { dataset, linesOf, makePools, pathsOf, tempFolder } from '../support/pools.ts';

/** Python starts for each run, which has several datasets instead. */
const FEW = { numRuns: 4 };

/** Samples whose JSON text a careless reader would change: numbers, key order, escapes, spaces, nulls, nesting. */
const DELICATE = [
  '{"text":"a\\u00e9é\\n\\"","z":1.0,"a":[1,[2.50,null],{"k":{}}],"big":123456789012345678901234567890,"__dj__stats__":{"len":2,"r":0.5}}',
  '{"__dj__stats__": {"r": 1e-3, "len": 1}, "text": "", "e": 1E5,  "n": null, "emoji": "\\ud83d\\ude00 😀"}',
  '{"text":"third","float":0.1,"int":0,"neg":-0.0,"list":[],"__dj__stats__":{"len":10,"r":0.25}}',
];

const analysed = (stats: JsonObject[], start = 0) =>
  stats.map((__dj__stats__, i) => ({ id: start + i, __dj__stats__ }));
const idsOf = (lines: readonly string[] = []) => lines.map(line => (JSON.parse(line) as { id: number }).id);

async function failureOf(made: Promise<unknown>): Promise<string> {
  return await made.then(
    () => 'it passed',
    (error: Error) => `${error.name}: ${error.message}`,
  );
}

/** Ids of each part, by a stable sort and the cuts of the original. */
function partsOf(values: readonly number[], ratios: readonly number[], number: number | null): number[][] {
  const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!);
  const total = values.length;
  const inner = number
    ? Array.from({ length: Math.ceil(total / number) - 1 }, (_, i) => (i + 1) * number)
    : ratios.map(ratio => Math.floor(total * ratio + 0.5));
  const points = [0, ...inner, total];
  return points.slice(1).map((end, i) => order.slice(points[i], end));
}

describe('construction', () => {
  it('sorts by each stat, of a list by its mean and 0 if empty, cuts at thirds, and names the parts as the original does', async () => {
    const work = await tempFolder();
    const stats = [
      { len: 5, scores: [4, 6], lang: 'en', tags: ['a'] },
      { len: 3, scores: [], lang: 'en', tags: [] },
      { len: 4, scores: [-1], lang: 'de', tags: ['b'] },
      { len: 1, scores: [2, 2], lang: 'en', tags: ['c'] },
    ];
    const { names, pools, result, there } = await makePools(constructPools, join(work, 'job'), {
      dataset_path: await dataset(join(work, 'd.jsonl'), analysed(stats)),
    });
    // int(4/3 + 0.5) = 1, int(8/3 + 0.5) = 3.
    expect(names.map(name => [name, idsOf(pools[name])])).toEqual([
      ['len/d_len_0.jsonl', [3]],
      ['len/d_len_1.jsonl', [1, 2]],
      ['len/d_len_2.jsonl', [0]],
      ['scores/d_scores_0.jsonl', [2]],
      ['scores/d_scores_1.jsonl', [1, 3]],
      ['scores/d_scores_2.jsonl', [0]],
    ]);
    expect(there).toEqual([...names].sort());
    expect(result.metrics).toMatchObject({ pools: 6, samples_in: 4, samples_out: 8, 'rows.d_len_1.jsonl': 2 });
    expect(result.notes).toEqual([
      '4 samples in, 8 out in 6 pools of 1 to 2',
      'd.jsonl: no pools by lang, tags, which are not numeric',
    ]);
  });

  it('puts every sample into exactly one part, the parts in order of the stat and equal ones in order of the dataset', async () => {
    const values = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 40 });
    const property = fc.asyncProperty(
      fc.array(values, { minLength: 1, maxLength: 12 }),
      fc.uniqueArray(fc.double({ min: 0.01, max: 0.99, noNaN: true }), { minLength: 1, maxLength: 4 }),
      fc.option(fc.integer({ min: 1, max: 12 }), { nil: null }),
      async (all, unordered, split_num) => {
        const work = await tempFolder();
        const split_ratios = [...unordered].sort((a, b) => a - b);
        const dataset_path = await Promise.all(
          all.map((each, i) => dataset(join(work, `d${i}.jsonl`), analysed(each.map(v => ({ v }))))),
        );
        const extra = { dataset_path, split_ratios, split_num };
        const { names, pools } = await makePools(constructPools, join(work, 'job'), extra);
        const expected = all.flatMap(each => partsOf(each, split_ratios, split_num));
        expect(names.map(name => idsOf(pools[name]))).toEqual(expected);
      },
    );
    await fc.assert(property, FEW);
  });

  it('splits as the dataset is ordered where stats are ignored, also one without stats', async () => {
    const work = await tempFolder();
    const dataset_path = await dataset(
      join(work, 'd.jsonl'),
      [0, 1, 2, 3, 4].map(id => ({ id })),
    );
    const { names, pools } = await makePools(constructPools, join(work, 'job'), {
      dataset_path,
      ignore_stats: true,
      split_ratios: ['1/5', '4/5'],
    });
    expect(names.map(name => [name, idsOf(pools[name])])).toEqual([
      ['d_ignore_stats_0.jsonl', [0]],
      ['d_ignore_stats_1.jsonl', [1, 2, 3]],
      ['d_ignore_stats_2.jsonl', [4]],
    ]);
  });

  it('leaves every sample as it is written, byte for byte', async () => {
    const work = await tempFolder();
    const { pools } = await makePools(constructPools, join(work, 'job'), {
      dataset_path: await dataset(join(work, 'd.jsonl'), DELICATE),
    });
    expect([0, 1, 2].flatMap(i => pools[`len/d_len_${i}.jsonl`])).toEqual([DELICATE[1], DELICATE[0], DELICATE[2]]);
    expect([0, 1, 2].flatMap(i => pools[`r/d_r_${i}.jsonl`])).toEqual([DELICATE[1], DELICATE[2], DELICATE[0]]);
  });

  it('says which parts are empty where there are too few samples', async () => {
    const work = await tempFolder();
    const { names, result } = await makePools(constructPools, join(work, 'job'), {
      dataset_path: await dataset(join(work, 'd.jsonl'), analysed([{ v: 1 }])),
    });
    expect(names).toHaveLength(3);
    expect(result.notes).toContain('d.jsonl: parts 0, 2 of each split are empty, 1 samples being too few');
  });
});

describe('combination', () => {
  it('writes all intersections that have samples, with ranks and counts in their names, pairs before triples', async () => {
    const work = await tempFolder();
    const pool = (name: string, ids: number[]) =>
      dataset(
        join(work, name),
        ids.map(id => ({ id, t: 'x' })),
      );
    const dataset_path = [
      await pool('d_a.jsonl', [5, 1, 2, 3]),
      await pool('d_b.jsonl', [3, 2, 9]),
      await pool('d_c.jsonl', [7, 1, 3]),
    ];
    const { names, pools } = await makePools(combinePools, join(work, 'job'), { dataset_path });
    expect(names.map(name => [name, idsOf(pools[name])])).toEqual([
      ['d__top_0_num_4.jsonl', [5, 1, 2, 3]],
      ['d__top_1_num_3.jsonl', [3, 2, 9]],
      ['d__top_2_num_3.jsonl', [7, 1, 3]],
      ['d__top_0_1_num_2.jsonl', [2, 3]],
      ['d__top_0_2_num_2.jsonl', [1, 3]],
      ['d__top_1_2_num_1.jsonl', [3]],
      ['d__top_0_1_2_num_1.jsonl', [3]],
    ]);
  });

  it('gives what is in every pool of a set, once, in the order of the best of them', async () => {
    const ids = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 15 });
    const property = fc.asyncProperty(fc.array(ids, { minLength: 1, maxLength: 4 }), async ranked => {
      const work = await tempFolder();
      const dataset_path = await Promise.all(
        ranked.map((each, i) =>
          dataset(
            join(work, `p${i}.jsonl`),
            each.map(id => ({ id })),
          ),
        ),
      );
      const { names, pools } = await makePools(combinePools, join(work, 'job'), { dataset_path });
      const expected = new Map<string, number[]>();
      for (let mask = 1; mask < 1 << ranked.length; mask++) {
        const ranks = [...ranked.keys()].filter(rank => mask & (1 << rank));
        const shared = [...new Set(ranked[ranks[0]!])].filter(id => ranks.every(rank => ranked[rank]!.includes(id)));
        const prefix = ranked.length === 1 ? 'p0' : 'p';
        if (shared.length > 0) expected.set(`${prefix}_top_${ranks.join('_')}_num_${shared.length}.jsonl`, shared);
      }
      expect(Object.fromEntries(names.map(name => [name, idsOf(pools[name])]))).toEqual(Object.fromEntries(expected));
    });
    await fc.assert(property, FEW);
  });

  it('takes samples for the same whose values are equal, however they are written', async () => {
    const work = await tempFolder();
    const one = await dataset(join(work, 'a.jsonl'), [
      '{"id":1,"x":[1.0,{"b":"é","a":2}]}',
      '{"id":2,"x":"1.0,"}',
      '{"id":3,"x":1.5}',
    ]);
    const two = await dataset(join(work, 'b.jsonl'), [
      '{ "x": [1, {"a": 2, "b": "\\u00e9"}], "id": 1 }',
      '{"id":2,"x":"1,"}',
      '{"id":3,"x":true}',
    ]);
    const { pools, result } = await makePools(combinePools, join(work, 'job'), { dataset_path: [one, two] });
    expect(pools['default_prefix_top_0_1_num_1.jsonl']).toEqual(['{"id":1,"x":[1.0,{"b":"é","a":2}]}']);
    expect(result.metrics).toMatchObject({ pools: 3, samples_in: 6 });
  });
});

describe('duplication and downsampling', () => {
  const pools = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 8 });
  const linesFor = (size: number) => Array.from({ length: size }, (_, i) => `{"id": ${i}, "v": ${i % 3}}`);
  const datasetsOf = (work: string, sizes: readonly number[]) =>
    Promise.all(sizes.map((size, i) => dataset(join(work, `d${i}.jsonl`), linesFor(size))));

  it('×n holds n copies of each sample, one repetition after another, or shuffled', async () => {
    const times = fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 2 });
    const property = fc.asyncProperty(pools, times, fc.boolean(), async (sizes, duplicating_times, shuffle) => {
      const work = await tempFolder();
      const extra = { dataset_path: await datasetsOf(work, sizes), duplicating_times, shuffle };
      const { names, pools: made } = await makePools(duplicatePools, join(work, 'job'), extra);
      expect(names).toEqual(sizes.flatMap((_, i) => duplicating_times.map(n => `d${i}_x${n}.jsonl`)));
      for (const [i, size] of sizes.entries()) {
        for (const n of duplicating_times) {
          const repeated = Array.from({ length: n }, () => linesFor(size)).flat();
          const lines = made[`d${i}_x${n}.jsonl`]!;
          expect(shuffle ? [...lines].sort() : lines).toEqual(shuffle ? repeated.sort() : repeated);
        }
      }
    });
    await fc.assert(property, FEW);
  });

  it('downsampling gives a subset of the size that is asked, or all there are, without repetition', async () => {
    const target = fc.option(fc.integer({ min: 1, max: 40 }));
    const property = fc.asyncProperty(pools, target, async (sizes, target_num_samples) => {
      const work = await tempFolder();
      const extra = { dataset_path: await datasetsOf(work, sizes), target_num_samples };
      const { names, pools: made } = await makePools(downsamplePools, join(work, 'job'), extra);
      const wanted = target_num_samples ?? Math.min(...sizes);
      expect(names).toEqual(sizes.map((_, i) => `d${i}_${wanted}.jsonl`));
      for (const [i, name] of names.entries()) {
        const lines = made[name]!;
        expect(lines).toHaveLength(Math.min(wanted, sizes[i]!));
        expect(new Set(lines).size).toBe(lines.length);
        expect(lines.every(line => linesFor(sizes[i]!).includes(line))).toBe(true);
      }
    });
    await fc.assert(property, FEW);
  });

  it('shuffles as `datasets`, which the original uses, does with the same seed: 42 where none is given', async () => {
    const work = await tempFolder();
    const ids = Array.from({ length: 100 }, (_, id) => ({ id }));
    const dataset_path = await dataset(join(work, 'd.jsonl'), ids);
    const script = `
import json, sys
from datasets import Dataset, concatenate_datasets
ids = Dataset.from_dict({"id": list(range(100))})
print(json.dumps([[each["id"] for each in concatenate_datasets([ids] * 3).shuffle(seed=seed)] for seed in (42, 7)]
  + [[each["id"] for each in ids.shuffle(seed=seed).take(10)] for seed in (42, 7)]))`;
    const { stdout } = await execa(pythonOf('data-juicer'), ['-c', script]);
    const made: number[][] = [];
    const seeds: JsonObject[] = [{}, { shuffle_seed: 7 }];
    for (const more of seeds) {
      const extra = { dataset_path, duplicating_times: [3], shuffle: true, ...more };
      const { pools } = await makePools(duplicatePools, join(work, `x${made.length}`), extra);
      made.push(idsOf(pools['d_x3.jsonl']));
    }
    for (const more of seeds) {
      const extra = { dataset_path, target_num_samples: 10, ...more };
      const { pools } = await makePools(downsamplePools, join(work, `s${made.length}`), extra);
      made.push(idsOf(pools['d_10.jsonl']));
    }
    expect(made).toEqual(JSON.parse(stdout.trim().split('\n').at(-1)!));
  });

  it('says which pool had fewer samples than wanted', async () => {
    const work = await tempFolder();
    const dataset_path = await dataset(join(work, 'd.jsonl'), [{ id: 1 }]);
    const { result } = await makePools(downsamplePools, join(work, 'job'), { dataset_path, target_num_samples: 3 });
    expect(result.notes).toContain('d.jsonl has only 1 samples: all of them are taken');
  });
});

describe('merging and joining', () => {
  it('merges pools in their order; the result is one path', async () => {
    const work = await tempFolder();
    const dataset_path = [
      await dataset(join(work, 'part_1.jsonl'), DELICATE.slice(0, 2)),
      await dataset(join(work, 'part_2.jsonl'), DELICATE.slice(2)),
    ];
    const { result, pools, out } = await makePools(mergePools, join(work, 'job'), { dataset_path });
    expect(result.results).toEqual([{ path: join(out, 'part__merged.jsonl') }]);
    expect(pools['part__merged.jsonl']).toEqual(DELICATE);
  });

  it('joins each sample of one pool with each of another, pools and samples in order', async () => {
    const work = await tempFolder();
    const first = [
      await dataset(join(work, 'm_1.jsonl'), ['{"q": "A", "n": 1.0}', '{}']),
      await dataset(join(work, 'm_2.jsonl'), ['{"q":"E"}']),
    ];
    const second = [await dataset(join(work, 'p_x.jsonl'), ['{"a":1}', '{"a":2}', '{ }'])];
    const { names, pools } = await makePools(joinPools, join(work, 'job'), {
      dataset_path_1: first,
      dataset_path_2: second,
    });
    expect(names).toEqual(['m__p_x_cartesian_join_0_0.jsonl', 'm__p_x_cartesian_join_1_0.jsonl']);
    expect(pools[names[0]!]).toEqual([
      '{"q": "A", "n": 1.0, "a":1}',
      '{"q": "A", "n": 1.0, "a":2}',
      '{"q": "A", "n": 1.0}',
      '{"a":1}',
      '{"a":2}',
      '{}',
    ]);
    expect(pools[names[1]!]?.map(line => JSON.parse(line))).toEqual([{ q: 'E', a: 1 }, { q: 'E', a: 2 }, { q: 'E' }]);
  });

  it('joins nothing that shares a key', async () => {
    const work = await tempFolder();
    const [a, b] = [
      await dataset(join(work, 'a.jsonl'), [{ id: 1, t: 1 }]),
      await dataset(join(work, 'b.jsonl'), [{ id: 2 }]),
    ];
    const made = makePools(joinPools, join(work, 'job'), { dataset_path_1: a, dataset_path_2: b });
    expect(await failureOf(made)).toMatch(/both have id: samples that are joined need different keys/);
  });
});

describe("InternVL's COCO captions", () => {
  const caption = {
    image: 'train2014/1.jpg',
    id: 1,
    conversations: [
      { from: 'human', value: 'What?' },
      { from: 'gpt', value: 'a cat' },
    ],
  };
  it('get images and a text with the mark of an image; all else stays', async () => {
    const work = await tempFolder();
    const spelled = '{"score":1.0,"image":"é.jpg","conversations":[{},{"value":"\\"é\\""}]}';
    const dataset_path = await dataset(join(work, 'coco.jsonl'), [caption, spelled, { ...caption, text: 'old' }]);
    const { names, pools } = await makePools(convertCocoCaption, join(work, 'job'), { dataset_path });
    expect(names).toEqual(['coco_dj_fmt.jsonl']);
    const lines = pools['coco_dj_fmt.jsonl']!;
    expect(JSON.parse(lines[0]!)).toEqual({ ...caption, images: ['train2014/1.jpg'], text: '<__dj__image> a cat' });
    expect(lines[1]).toBe(`${spelled.slice(0, -1)}, "images": ["é.jpg"], "text": "<__dj__image> \\"é\\""}`);
    expect(JSON.parse(lines[2]!)).toMatchObject({ text: '<__dj__image> a cat', images: ['train2014/1.jpg'] });
  });

  it('have a meta file that names the dataset from the root, with its length', async () => {
    const work = await tempFolder();
    const dataset_path = [
      await dataset(join(work, 'chat', 'data', 'coco.jsonl'), [caption, caption]),
      await dataset(join(work, 'pools', 'low.jsonl'), [caption]),
    ];
    const { result, names, out } = await makePools(generateCocoMeta, join(work, 'job'), {
      dataset_path,
      data_root_path: join(work, 'chat'),
    });
    expect(names).toEqual(['coco_meta.json', 'low_meta.json']);
    const metas = await Promise.all(pathsOf(result).map(async path => JSON.parse(await readFile(path, 'utf8'))));
    const rest = { root: 'data/coco/', data_augment: false, repeat_time: 1 };
    expect(metas).toEqual([
      { coco: { ...rest, annotation: 'data/coco.jsonl', length: 2 } },
      { low: { ...rest, annotation: '../pools/low.jsonl', length: 1 } },
    ]);
    expect(await readdir(out)).toHaveLength(2);
  });

  it.each([
    ['no image', { ...caption, image: 3 }, /coco\.jsonl, line 2: expected "image" to be a path, got 3/],
    [
      'no second turn',
      { ...caption, conversations: [] },
      /line 2: expected "conversations" to be a list whose second item has the caption/,
    ],
  ])('with %s are a failure that names the line', async (_, sample, message) => {
    const work = await tempFolder();
    const dataset_path = await dataset(join(work, 'coco.jsonl'), [caption, sample]);
    expect(await failureOf(makePools(convertCocoCaption, join(work, 'job'), { dataset_path }))).toMatch(message);
  });
});

describe('formats', () => {
  it('JSON Lines, JSON lists, Parquet, gzip, zstd and a folder of them hold the same samples', async () => {
    const work = await tempFolder();
    const samples = [
      { id: 1, text: 'é\n"', list: [1.5, 2], nested: { a: null, b: [] }, no: null },
      { id: 2, text: '', list: [], nested: { a: 7, b: [{ c: 1 }] }, no: null },
    ];
    const lines = samples.map(sample => JSON.stringify(sample));
    await writeFile(join(work, 'bom.jsonl'), `\uFEFF${lines.join('\r\n')}\n\n`);
    await writeFile(join(work, 'list.json'), JSON.stringify(samples, null, 2));
    await writeFile(join(work, 'odd [1]*.json'), lines.join('\n'));
    await writeFile(join(work, 'lines.jsonl.gz'), Buffer.concat(lines.map(line => gzipSync(`${line}\n`))));
    await writeFile(join(work, 'list.json.gz'), gzipSync(JSON.stringify(samples)));
    const script = `
import json, sys, pyarrow as pa, pyarrow.parquet as pq
samples = json.loads(sys.argv[2])
pq.write_table(pa.Table.from_pylist(samples), sys.argv[1] + "/table.parquet")
for name, text in (("lines.jsonl.zst", "\\n".join(map(json.dumps, samples))), ("list.json.zst", json.dumps(samples))):
    with pa.output_stream(sys.argv[1] + "/" + name, compression="zstd") as file: file.write(text.encode())`;
    await execa(pythonOf('pools'), ['-c', script, work, JSON.stringify(samples)]);
    await dataset(join(work, 'folder', 'b', 'two.jsonl'), [lines[1]!]);
    await dataset(join(work, 'folder', 'a.jsonl'), [lines[0]!]);
    await writeFile(join(work, 'folder', 'README.md'), 'not data');
    const names = [
      'bom.jsonl',
      'list.json',
      'odd [1]*.json',
      'lines.jsonl.gz',
      'list.json.gz',
      'table.parquet',
      'lines.jsonl.zst',
      'list.json.zst',
      'folder',
    ];
    for (const [i, name] of names.entries()) {
      const { result } = await makePools(mergePools, join(work, `job-${i}`), { dataset_path: join(work, name) });
      const made = await linesOf(pathsOf(result)[0]!);
      expect({ name, made: made.map(line => JSON.parse(line)) }).toEqual({ name, made: samples });
    }
  });

  it('names pools after files without their endings', async () => {
    const work = await tempFolder();
    await writeFile(join(work, 'v1.2.jsonl.gz'), gzipSync('{"id":1}\n'));
    const { names } = await makePools(duplicatePools, join(work, 'job'), {
      dataset_path: join(work, 'v1.2.jsonl.gz'),
      duplicating_times: [2],
    });
    expect(names).toEqual(['v1.2_x2.jsonl']);
  });
});

describe('bad input', () => {
  const cases: [string, string, string | Buffer, RegExp][] = [
    ['an empty pool', 'd.jsonl', '', /the pool .*d\.jsonl is empty: a pool must have samples/],
    ['an empty list', 'd.json', '[]', /d\.json is empty/],
    ['a line that is no JSON', 'd.jsonl', '{"id":1}\n{"id":\n', /d\.jsonl, line 2 is not JSON \(.*\): \{"id":/],
    [
      'a line that is no sample',
      'd.jsonl',
      '{"id":1}\n\n[1]\n',
      /d\.jsonl, line 3: expected a sample \(a map\), got \[1\]/,
    ],
    [
      'text that is no UTF-8',
      'd.jsonl',
      Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
      /d\.jsonl, line 1 is not JSON/,
    ],
    ['a torn list', 'd.json', '[{"id":1},{"id":', /d\.json cannot be read: /],
    ['a torn gzip', 'd.jsonl.gz', gzipSync('{"id":1}\n'.repeat(99)).subarray(0, 30), /d\.jsonl\.gz cannot be read: /],
    ['what is no Parquet', 'd.parquet', 'PAR0', /d\.parquet cannot be read: /],
    ['what is no zstd', 'd.jsonl.zst', 'plain', /d\.jsonl\.zst cannot be read: /],
    [
      'another format',
      'd.csv',
      'id\n1\n',
      /d\.csv has no format that pools are read from: \.jsonl, \.json and \.parquet, .* are/,
    ],
    [
      'no stats',
      'd.jsonl',
      '{"id":1}\n',
      /line 1 has no stats \(__dj__stats__\): analyse the dataset first .* ignore_stats: true/,
    ],
    ['no numeric stat', 'd.jsonl', '{"__dj__stats__":{"lang":"en"}}\n', /no stat in __dj__stats__ is a number/],
    [
      'a stat that some samples lack',
      'd.jsonl',
      '{"__dj__stats__":{"n":1}}\n{"__dj__stats__":{"n":null}}\n{"__dj__stats__":{}}\n',
      /2 of 3 samples have no number for stat n \(such as .*line 2\)/,
    ],
    [
      'a stat of two kinds',
      'd.jsonl',
      '{"__dj__stats__":{"n":1}}\n{"__dj__stats__":{"n":"x"}}\n',
      /stat n is a number at .*line 1 and none at .*line 2/,
    ],
    [
      'a stat whose name leaves the folder',
      'd.jsonl',
      '{"__dj__stats__":{"../n":1}}\n',
      /a stat is called '\.\.\/n', which cannot be a folder's name/,
    ],
  ];
  it.each(cases)('%s is a failure that says so, and leaves no pool', async (_, name, content, message) => {
    const work = await tempFolder();
    await writeFile(join(work, name), content);
    const made = makePools(constructPools, join(work, 'job'), { dataset_path: join(work, name) });
    const failure = await failureOf(made);
    expect(failure).toMatch(/^JobFailure: /);
    expect(failure).toMatch(message);
    expect(await readdir(join(work, 'job', 'out', 'pools'))).toEqual([]);
    expect(await readdir(join(work, 'job'))).not.toContain('scratch');
  });

  it('a dataset that is not there, also as a list made by an earlier job', async () => {
    const work = await tempFolder();
    const there = await dataset(join(work, 'a.jsonl'), [{ id: 1 }]);
    const made = makePools(combinePools, join(work, 'job'), { dataset_path: [there, join(work, 'b.jsonl')] });
    expect(await failureOf(made)).toMatch(/JobFailure: the dataset .*b\.jsonl is not there/);
  });

  it('pools of the same name, known only when the job runs', async () => {
    const work = await tempFolder();
    const paths = [
      await dataset(join(work, 'a', 'd.jsonl'), [{ id: 1 }]),
      await dataset(join(work, 'b', 'd.jsonl'), [{ id: 2 }]),
    ];
    const made = makePools(downsamplePools, join(work, 'job'), { dataset_path: paths });
    expect(await failureOf(made)).toMatch(/JobFailure: .* would give pools of the same names, "d…"/);
  });

  it('less memory than sorting needs', async () => {
    const work = await tempFolder();
    const samples = Array.from({ length: 20_000 }, (_, id) => ({
      id,
      t: `${'x'.repeat(500)}${id}`,
      __dj__stats__: { n: -id },
    }));
    const dataset_path = await dataset(join(work, 'd.jsonl'), samples);
    const made = makePools(constructPools, join(work, 'job'), { dataset_path, memory_limit: '1MB' });
    expect(await failureOf(made)).toMatch(
      /JobFailure: 1MB of memory did not suffice .*raise extra_configs\.memory_limit/,
    );
  });

  it('bytes in a Parquet table', async () => {
    const work = await tempFolder();
    const script =
      'import sys, pyarrow as pa, pyarrow.parquet as pq; pq.write_table(pa.table({"image": [b"x"]}), sys.argv[1])';
    await execa(pythonOf('pools'), ['-c', script, join(work, 'd.parquet')]);
    const made = makePools(mergePools, join(work, 'job'), { dataset_path: join(work, 'd.parquet') });
    expect(await failureOf(made)).toMatch(/column image holds bytes, which JSON Lines cannot hold/);
  });
});

it('under its supervisor an operation tells how far it is, and leaves no scratch behind', async () => {
  const work = await workFolder();
  const samples = Array.from({ length: 2000 }, (_, id) => ({ id, __dj__stats__: { n: id % 7 } }));
  const dataset_path = await dataset(join(work, 'd.jsonl'), samples);
  const export_path = join(work, 'job', 'out', 'pools');
  const run = await supervisedRun(constructPools, join(work, 'job'), { dataset_path, export_path });
  const result = await constructPools.run(run);
  expect(result.metrics).toMatchObject({ pools: 3, samples_in: 2000, samples_out: 2000 });
  expect(run.seen.map(({ phase }) => phase)).toContain('sorting by n');
  expect(run.seen.at(-1)).toMatchObject({ phase: 'sorting by n', total: 2000, unit: 'sample' });
  expect(await readdir(join(work, 'job'))).not.toContain('scratch');
});

it('the same request gives the same bytes', async () => {
  const work = await tempFolder();
  const samples = Array.from({ length: 3000 }, (_, id) => ({
    id,
    t: 'x'.repeat(id % 50),
    __dj__stats__: { n: id % 7, m: id % 11 },
  }));
  const dataset_path = await dataset(join(work, 'd.jsonl'), samples);
  const twice = async (component: typeof constructPools, extra: JsonObject) => {
    const [one, other] = [
      await makePools(component, join(work, `${component.name}-1`), extra),
      await makePools(component, join(work, `${component.name}-2`), extra),
    ];
    expect(other.pools).toEqual(one.pools);
    return pathsOf(one.result);
  };
  const pools = await twice(constructPools, { dataset_path });
  await twice(combinePools, { dataset_path: [pools[0]!, pools[3]!, pools[5]!] });
  await twice(duplicatePools, { dataset_path, duplicating_times: [3], shuffle: true });
  await twice(downsamplePools, { dataset_path: pools, target_num_samples: 500 });
});
