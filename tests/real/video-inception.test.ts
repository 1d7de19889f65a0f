import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { evaluateVideoInception } from '../../activities/evaluate/video-inception.ts';
import { pythonFile, pythonOf } from '../../activities/runtime/paths.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import { failureOf, supervisedRun, workFolder } from '../support/evaluators.ts';

const SIZE = { height: 30, width: 40, num_gpus: 0 };
// Each of these imports torch, which takes its time on a busy machine.
const PATIENCE = 240_000;

interface Parts {
  numbers: Record<string, [number, number]>;
  told: Record<string, string | null>;
}

let shared: string;
let parts: Parts;
let jobs = 0;

beforeAll(async () => {
  shared = await mkdtemp(join(tmpdir(), 'inception-'));
  parts = JSON.parse(await fixture('inception_parts.py', join(shared, 'nets'))) as Parts;
}, PATIENCE);

afterAll(() => rm(shared, { recursive: true, force: true }));

async function fixture(script: string, ...args: string[]): Promise<string> {
  const env = { PYTHONPATH: pythonFile('evaluate') };
  const { stdout } = await execa(pythonOf('vbench'), [resolve('tests/fixtures/evaluators', script), ...args], { env });
  return stdout;
}

const net = (name: string) => join(shared, 'nets', `${name}.pt`);

/** `real.jsonl` and `fake.jsonl` with so many videos of so many frames. */
async function prepared(count: number, frames: number): Promise<{ work: string; extra: JsonObject }> {
  const work = await workFolder();
  await fixture('colour_videos.py', work, `real:${count}:${frames}:120`, `fake:${count}:${frames}:140`);
  const extra = { ...SIZE, fake_data_path: join(work, 'fake.jsonl'), real_data_path: join(work, 'real.jsonl') };
  return { work, extra };
}

async function score(work: string, extra: JsonObject) {
  const run = await supervisedRun(evaluateVideoInception, join(work, `job-${++jobs}`), extra);
  return { ...(await evaluateVideoInception.run(run)), out: run.out, seen: run.seen };
}

const told = async (work: string, extra: JsonObject) => (await failureOf(score(work, extra))).message;

test('FID, KID, IS and PR are those of an independent implementation, on random and on singular features', () => {
  for (const [name, [ours, theirs]] of Object.entries(parts.numbers)) expect(ours, name).toBeCloseTo(theirs, 6);
  expect(Object.keys(parts.numbers)).toHaveLength(10);
});

test(
  'measures of frames of real videos are those that SciPy gives for what the network sees',
  async () => {
    const { work, extra } = await prepared(12, 16);
    const reference = await referenceOf(extra);
    const metric = ['fid50k', 'kid50k', 'is50k', 'pr50k_3n'];
    const { metrics, results, notes } = await score(work, { ...extra, metric, detector_path: net('frames') });
    for (const name of ['fid50k', 'kid50k', 'pr50k_3n_precision', 'pr50k_3n_recall'])
      expect(metrics![name], name).toBeCloseTo(reference[name]!, 5);
    expect(metrics!.is50k_mean).toBeGreaterThan(1);
    expect(results).toEqual([{ value: { results: metrics as Json, metric, num_runs: 1 } }]);
    expect(notes).toEqual([]);
  },
  PATIENCE,
);

test(
  'measures of clips of real videos are those that SciPy gives for what the network sees, each run under its name',
  async () => {
    const { work, extra } = await prepared(12, 16);
    const reference = await referenceOf(extra);
    const { metrics, notes, versions } = await score(work, {
      ...extra,
      metric: ['fvd2048_16f', 'kvd2048_16f', 'prv2048_3n_16f'],
      detector_path: net('clips'),
      result_path: join(work, 'results', 'clips.jsonl'),
      num_runs: 2,
    });
    for (const name of ['kvd2048_16f', 'prv2048_3n_16f_precision', 'prv2048_3n_16f_recall'])
      for (const run of ['run01', 'run02', 'mean'])
        expect(metrics![`${name}_${run}`], name).toBeCloseTo(reference[name]!, 5);
    // 2048 draws of 12 videos: eight of them come once more than the others.
    expect(metrics!.fvd2048_16f_mean! / reference.fvd2048_16f!).toBeCloseTo(1, 1);
    expect(notes![0]).toMatch(/^fvd2048_16f: 2048 clips were drawn from 12 videos; compare it only with/);
    expect(notes![1]).toMatch(/^kvd2048_16f: 12 clips were drawn from 12 videos/);
    expect(versions).toMatchObject({ torch: expect.stringMatching(/^2\./) });
    const lines = (await readFile(join(work, 'results', 'clips.jsonl'), 'utf8')).trim().split('\n');
    expect(lines.map(line => JSON.parse(line).metric)).toEqual(['fvd2048_16f', 'kvd2048_16f', 'prv2048_3n_16f']);
  },
  PATIENCE,
);

async function referenceOf({ fake_data_path, real_data_path }: JsonObject): Promise<Record<string, number>> {
  return JSON.parse(await fixture('inception_reference.py', String(fake_data_path), String(real_data_path)));
}

test('clips are drawn by the seed: the same seed draws the same ones, another seed others', async () => {
  const { work } = await prepared(3, 24);
  const script = `
import numpy as np, json
from pathlib import Path
from clips import Clip, Source, videos_of
source = Source(videos_of(Path('fake.jsonl'), None), (30, 40), lambda clips: clips.mean(axis=(1, 3, 4)))
draw = lambda seed: source.clips(Clip(4, 2), 5, np.random.default_rng(seed)).tolist()
print(json.dumps([draw(1), draw(1), draw(2)]))`;
  const env = { PYTHONPATH: pythonFile('evaluate') };
  const { stdout } = await execa(pythonOf('vbench'), ['-c', script], { env, cwd: work });
  const [one, again, other] = JSON.parse(stdout) as number[][][];
  expect(again).toEqual(one);
  expect(other).not.toEqual(one);
  expect([one!.length, one![0]!.length]).toEqual([5, 4]);
});

test('a state_dict in place of a network is told with what to do', async () => {
  const { work, extra } = await prepared(2, 2);
  expect(await told(work, { ...extra, metric: 'fid50k', detector_path: net('weights') })).toMatch(
    /weights\.pt is not TorchScript \(.*\); weights alone .* save torch\.jit\.script\(network\)/,
  );
});

test.each([
  ['weights', /weights\.pt is not TorchScript \(the archive holds values and no code/],
  ['cut', /cut\.pt is not TorchScript \(/],
  ['text', /text\.pt is not TorchScript \(it is no archive/],
  ['clips', /clips\.pt cannot take \[4, 3, 30, 40\], 8 bit RGB: /],
  ['wide', /wide\.pt gives \[5, 4\] for \[4, 3, 30, 40\]; expected one row/],
  ['nan', /nan\.pt gives NaN or infinite values/],
  ['shares', /frames\.pt gives values from 0\.4 that sum to 0\.9; an inception score needs the probabilities/],
  ['negative', /frames\.pt gives values from -0\.5 that sum to 1; /],
])('a network that is of no use is told: %s', (name, message) => {
  expect(parts.told[name]).toMatch(message);
  expect(parts.told.right).toBeNull();
});

test('without a network, too few videos and too short ones are told before any is loaded', async () => {
  const { work, extra } = await prepared(1, 8);
  const detector_path = net('clips');
  expect(await told(work, { ...extra, detector_path })).toMatch(
    /fvd2048_16f needs at least 2 videos, and .*fake\.jsonl has 1$/,
  );
  expect(await told(work, { ...extra, detector_path: join(work, 'away.pt') })).toMatch(
    /away\.pt is not there; fvd2048_16f is defined with https:.*i3d_torchscript/,
  );
  const before = process.env.DATA_JUICER_MODELS_CACHE;
  process.env.DATA_JUICER_MODELS_CACHE = join(work, 'models');
  try {
    const networks = {
      fid50k: 'inception-2015-12-05.pt',
      pr50k_3n: 'vgg16.pt',
      fvd2048_16f: 'i3d_torchscript.pt',
      isv2048_ucf: 'c3d_ucf101.pt',
    };
    for (const [metric, file] of Object.entries(networks)) {
      const message = await told(work, { ...extra, metric });
      expect(message).toMatch(new RegExp(`^${metric} needs a network.*: put https://\\S+ on this host as `));
      expect(message).toContain(join(work, 'models', file));
    }
  } finally {
    if (before === undefined) delete process.env.DATA_JUICER_MODELS_CACHE;
    else process.env.DATA_JUICER_MODELS_CACHE = before;
  }
});

test('videos with fewer frames than a clip, damaged ones, ones that are away and datasets without videos are told by name', async () => {
  const { work, extra } = await prepared(2, 8);
  const config = { ...extra, detector_path: net('clips') };
  expect(await told(work, config)).toMatch(
    /2 of 2 videos have fewer than the 16 frames of a clip: 0\.mp4 has 8; 1\.mp4 has 8/,
  );
  const dataset = async (...samples: object[]) => {
    await writeFile(join(work, 'd.jsonl'), samples.map(sample => `${JSON.stringify(sample)}\n`).join(''));
    return await told(work, { ...config, fake_data_path: join(work, 'd.jsonl') });
  };
  expect(await dataset({ videos: ['away.mp4'] })).toMatch(
    /1 of the 1 videos of .*d\.jsonl cannot be read: .*away\.mp4 is not/,
  );
  expect(await dataset({ videos: [] })).toMatch(/d\.jsonl holds no video: none of its samples lists one/);
  expect(await dataset({ video: 'a.mp4' })).toMatch(/d\.jsonl, line 1: expected "videos" to be a list of paths/);
  await truncate(join(work, 'fake', '1.mp4'), 900);
  expect(await told(work, config)).toMatch(/1 of the 2 videos of .*fake\.jsonl cannot be read: 1\.mp4 is no video/);
});
