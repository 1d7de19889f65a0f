import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { convertEasyAnimate } from '../../../activities/convert/easyanimate.ts';
import { JobFailure } from '../../../activities/runtime/failure.ts';
import type { Json, JsonObject } from '../../../plan/plan.ts';
import { jobRun } from '../../support/job-run.ts';

let folder: string;
let out: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'convert-'));
  out = join(folder, 'job', 'out', 'ea');
  await mkdir(join(folder, 'videos'));
  await writeFile(join(folder, 'videos', 'a.mp4'), 'a');
  await writeFile(join(folder, 'videos', 'b.mp4'), 'b');
});
afterEach(() => rm(folder, { recursive: true }));

async function dataset(name: string, samples: Json[]): Promise<string> {
  const path = join(folder, name);
  const lines = name.endsWith('.jsonl')
    ? samples.map(sample => JSON.stringify(sample)).join('\n')
    : JSON.stringify(samples);
  await writeFile(path, lines);
  return path;
}

async function convert(dataset_path: Json, more: JsonObject = {}) {
  const extra_configs = { type: convertEasyAnimate.type!, dataset_path, export_path: out, ...more };
  return await convertEasyAnimate.run(await jobRun(convertEasyAnimate, join(folder, 'job'), { extra_configs }));
}

const A = { id: 1, text: '<__dj__video> a rabbit ', videos: ['videos/a.mp4', 'videos/b.mp4'] };
const B = { text: 'a street', videos: ['videos/b.mp4'], __dj__stats__: { video_duration: [2] } };

it('gives each sample its first video as an absolute file_path and a text without the video mark; others are skipped', async () => {
  const result = await convert(
    await dataset('clips.jsonl', [A, { text: 'no video', videos: [] }, { text: 'none' }, B]),
  );
  const path = join(out, 'clips_ea_fmt.json');
  expect(result).toMatchObject({ results: [{ path }], metrics: { samples_in: 4, samples_out: 2 } });
  const [first, second] = JSON.parse(await readFile(path, 'utf8')) as JsonObject[];
  const [a, b] = [join(folder, 'videos/a.mp4'), join(folder, 'videos/b.mp4')];
  expect(first).toEqual({ type: 'video', id: 1, text: 'a rabbit', videos: [a, b], file_path: a });
  expect(second).toMatchObject({ text: 'a street', file_path: b, __dj__stats__: { video_duration: [2] } });
});

it('takes several datasets, as lists or a sample a line, and gives the list of what it made', async () => {
  const result = await convert([await dataset('one.json', [A]), await dataset('two.jsonl', [B])]);
  expect(result.results).toEqual([{ paths: [join(out, 'one_ea_fmt.json'), join(out, 'two_ea_fmt.json')] }]);
});

it('declares the files that later configs name', () => {
  const extra_configs = { dataset_path: ['/d/one.json', 'two.jsonl'] };
  const made = convertEasyAnimate.writes[0]?.alsoMakes?.('/o', { dj_configs: null, extra_configs });
  expect(made).toEqual(['/o/one_ea_fmt.json', '/o/two_ea_fmt.json']);
});

it.each<[string, Json[], RegExp]>([
  [
    'a missing video',
    [A, { ...B, videos: ['videos/gone.mp4'] }],
    /clips\.json, item 2: video file .*gone\.mp4 is not there/,
  ],
  ['videos that are no list', [{ ...A, videos: 'a.mp4' }], /item 1: expected "videos" to be a list of paths/],
  ['a text that is no string', [{ ...A, text: 7 }], /item 1: expected "text" to be a string, got 7/],
  ['a sample that is no map', [A, 'x'], /is not a list of samples/],
  ['no videos at all', [{ text: 'none' }], /none of the 1 samples .* has a video.*allow_empty/],
])('fails for %s, and leaves no half-written file', async (_, samples, reason) => {
  const error = await convert(await dataset('clips.json', samples)).catch((thrown: Error) => thrown);
  expect(error).toBeInstanceOf(JobFailure);
  expect((error as Error).message).toMatch(reason);
  expect((await readdir(out)).filter(name => name.endsWith('.partial'))).toEqual([]);
});

it('an empty file of samples is a valid list where that is allowed', async () => {
  await convert(await dataset('clips.json', []), { allow_empty: true });
  expect(JSON.parse(await readFile(join(out, 'clips_ea_fmt.json'), 'utf8'))).toEqual([]);
});

it('fails for a dataset that is not there, and for two that would become the same file', async () => {
  await expect(convert('/nowhere/d.json')).rejects.toThrow('the dataset /nowhere/d.json is not there');
  await expect(convert(['/a/d.json', '/b/d.jsonl'])).rejects.toThrow('both become d_ea_fmt.json');
});
