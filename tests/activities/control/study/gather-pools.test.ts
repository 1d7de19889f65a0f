import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { gatherPools } from '../../../../activities/control/study/gather-pools.ts';
import { firstAndLastLine } from '../../../../activities/control/study/pool-ends.ts';
import type { GatherArgs } from '../../../../plan/protocol.ts';

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
});

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'study-'));
  folders.push(folder);
  return folder;
}

const OPS: GatherArgs['ops'] = [
  { op: 'text_length_filter', index: 0, stats: ['text_len'] },
  { op: 'video_aspect_ratio_filter', index: 1, stats: ['video_aspect_ratios'] },
];

const sample = (stats: object) => `${JSON.stringify({ text: 'x', __dj__stats__: stats })}\n`;

/** A trial on disk whose jobs, by meta_name, made these files, in this order. */
async function trialThatMade(made: Record<string, Record<string, string>>, metrics: Record<string, number> = {}) {
  const workDir = await newFolder();
  const jobs = Object.keys(made).map(metaName => ({ metaName, key: `key-of-${metaName}` }));
  const plan = { pipelines: [{ name: 'p', stages: [{ name: 'execution', jobs }] }] };
  const write = async (path: string, text: string) => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  };
  await write(join(workDir, 'trials', 't', 'plan-1.json'), JSON.stringify(plan));
  for (const { metaName, key } of jobs) {
    const dir = join(workDir, 'jobs', key);
    const paths = Object.keys(made[metaName]!).map(name => `epoch-1/out/${name}`);
    for (const [name, text] of Object.entries(made[metaName]!)) await write(join(dir, 'epoch-1/out', name), text);
    const results = [paths.length === 1 ? { kind: 'path', path: paths[0] } : { kind: 'paths', paths }];
    const config = { dj_configs: null, extra_configs: {} };
    await write(join(dir, 'manifest.json'), JSON.stringify({ results, metrics, config }));
  }
  const dir = join(workDir, 'studies', 's');
  return { dir, args: { trial: 't', opened: { dir, workDir }, ops: OPS, samples: null } };
}

/** What construction makes of six samples. */
const SPLIT = Object.fromEntries(
  ['text_len', 'video_aspect_ratios'].flatMap(key =>
    [0, 1, 2].map(part => {
      const values = [2 * part, 2 * part + 1].map(n => (key === 'text_len' ? n : n === 0 ? [] : [n, n + 1]));
      return [`${key}/d_${key}_${part}.jsonl`, values.map(value => sample({ [key]: value })).join('')] as const;
    }),
  ),
);
const WHOLE = { 'analysed.jsonl': 'all\n' };

describe('what a trial made for a study', () => {
  it('of a split are pools with sizes and bounds, a list counting as its mean, under names of their own', async () => {
    const { dir, args } = await trialThatMade({ analyse: WHOLE, split: SPLIT }, { samples_in: 6 });
    const found = await gatherPools({ ...args, step: { step: 'split' } });
    const of = (op: string, stat: string, bounds: [number, number][]) =>
      bounds.map(([from, to], i) => ({ op, stat, end: ['low', 'middle', 'high'][i], rows: 2, from, to }));
    expect(found).toEqual({
      step: 'split',
      total: 6,
      parts: [
        ...of('text_length_filter', 'text_len', [
          [0, 1],
          [2, 3],
          [4, 5],
        ]),
        ...of('video_aspect_ratio_filter', 'video_aspect_ratios', [
          [0, 1.5],
          [2.5, 3.5],
          [4.5, 5.5],
        ]),
      ],
    });
    expect(await readFile(join(dir, 'pools/full/whole.jsonl'), 'utf8')).toBe('all\n');
    expect(await readFile(join(dir, 'pools/full/text_length_filter.text_len.low.jsonl'), 'utf8')).toBe(
      SPLIT['text_len/d_text_len_0.jsonl'],
    );
  });

  it('of the other steps are found by their order, again and again, without another copy', async () => {
    const { dir, args } = await trialThatMade({
      sample: { 'other_a_5.jsonl': 'a\n', 'other_b_5.jsonl': 'b\n' },
      combine: { 'x_top_0_num_7.jsonl': '0\n', 'x_top_0_2_num_3.jsonl': '02\n' },
      repeat: { 'x_x2.jsonl': 'xx\n' },
    });
    const step = { step: 'sample', ids: ['a', 'b'], samples: 5 } as const;
    for (let i = 0; i < 2; i++) await gatherPools({ ...args, step: { ...step, ids: [...step.ids] } });
    expect(await readFile(join(dir, 'pools/5/b.jsonl'), 'utf8')).toBe('b\n');
    expect((await stat(join(dir, 'pools/5/b.jsonl'))).nlink).toBe(2);
    expect(await gatherPools({ ...args, step: { step: 'combine', ids: ['p', 'q', 'r'] } })).toEqual({
      step: 'combine',
      sets: [
        { id: 'top_0', ranks: [0], rows: 7 },
        { id: 'top_0_2', ranks: [0, 2], rows: 3 },
      ],
    });
    await gatherPools({ ...args, step: { step: 'repeat', id: 'a', samples: 5, times: [2] } });
    expect(await readFile(join(dir, 'pools/5/a_x2.jsonl'), 'utf8')).toBe('xx\n');
  });

  it.each([
    [
      'has no stat of an op',
      Object.fromEntries(Object.entries(SPLIT).filter(([name]) => name.startsWith('text_len'))),
      {},
      'video_aspect_ratio_filter: the analysed dataset has no number for video_aspect_ratios; it has text_len: leave video_aspect_ratio_filter out of ops',
    ],
    [
      'is too small for three pools',
      { ...SPLIT, 'text_len/d_text_len_1.jsonl': '' },
      { 'rows.d_text_len_1.jsonl': 0 },
      'the middle pool of text_len is empty: 6 samples are too few for three pools',
    ],
  ])('is refused where the dataset %s', async (_, split, rows, message) => {
    const { args } = await trialThatMade({ analyse: WHOLE, split }, { samples_in: 6, ...rows });
    await expect(gatherPools({ ...args, step: { step: 'split' } })).rejects.toThrow(message);
  });

  it('is refused where a pool has fewer samples than are asked, and where it is gone', async () => {
    const { args } = await trialThatMade({ analyse: WHOLE, split: SPLIT }, { samples_in: 6 });
    await expect(gatherPools({ ...args, samples: 3, step: { step: 'split' } })).rejects.toThrow(
      'samples: 3 are asked of each pool, and the low pool of text_len has 2; give at most 2, or leave samples out',
    );
    await expect(gatherPools({ ...args, step: { step: 'combine', ids: ['a'] } })).rejects.toThrow(
      'what trial t made by combine is gone',
    );
  });
});

describe('first and last line', () => {
  it.each([
    ['one line', 'a\n', ['a', 'a']],
    ['no line end at the end', 'a\nb', ['a', 'b']],
    ['three lines', 'a\nb\nc\n', ['a', 'c']],
    ['long lines', `${'a'.repeat(200_000)}\nb\n${'c'.repeat(300_000)}\n`, ['a'.repeat(200_000), 'c'.repeat(300_000)]],
  ])('of a file with %s', async (_, text, lines) => {
    const path = join(await newFolder(), 'pool.jsonl');
    await writeFile(path, text);
    expect(await firstAndLastLine(path)).toEqual(lines);
  });

  it('of an empty file are none', async () => {
    const path = join(await newFolder(), 'pool.jsonl');
    await writeFile(path, '');
    await expect(firstAndLastLine(path)).rejects.toThrow('has no samples');
  });
});
