// python/report/clips.py on real clips: pictures, conversion of what browsers do not play, and what is said of those that are broken.
import { mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { beforeAll, expect, test } from 'vitest';
import { pythonOf } from '../../activities/runtime/paths.ts';
import { seeClips } from '../../report/collect/see-clips.ts';
import type { Clip } from '../../report/model/trial.ts';

const folder = mkdtempSync(join(tmpdir(), 'dj-clips-'));
const converted = join(folder, 'converted');
const NAMES = ['base.webm', 'old.mp4', 'torn.mp4', 'empty.webm', 'gone.mp4', 'picture.png'];
let seen: Record<string, Clip>;
const clip = (name: string) => seen[join(folder, name)]!;

beforeAll(async () => {
  await execa(pythonOf('train'), [resolve('tests/fixtures/report/make_clips.py'), folder]);
  const wishes = NAMES.map(name => ({ path: join(folder, name), play: name !== 'picture.png' }));
  seen = (await seeClips(wishes, { folder: converted }))!;
});

test('a clip that browsers play has a small picture, and stays as it is', () => {
  expect(clip('base.webm')).toMatchObject({ codec: 'vp9', width: 64, height: 64, converted: null, problem: null });
  expect(clip('base.webm').poster).toMatch(/^data:image\/webp;base64,/);
  expect(clip('base.webm').poster!.length).toBeLessThan(20_000);
});

test('one that they do not is made one that they do', async () => {
  const { codec, converted: path, problem } = clip('old.mp4');
  expect([codec, problem]).toEqual(['mpeg4', null]);
  expect(statSync(path!).size).toBeGreaterThan(100);
  const again = await seeClips([{ path: path!, play: true }], { folder: converted });
  expect(again![path!]).toMatchObject({ codec: 'vp9', width: 64, height: 64, converted: null, problem: null });
});

test('clips that are torn, empty or gone say so, and cost none of the others', () => {
  expect(clip('torn.mp4').problem).toMatch(/cannot be read/);
  expect(clip('empty.webm').problem).toMatch(/cannot be read/);
  expect(clip('gone.mp4').problem).toBe('it is gone');
});

test('a picture is made small', () => {
  expect(clip('picture.png')).toMatchObject({ codec: 'png', width: 400, height: 300, problem: null });
});
