import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { evaluateVideoQuality } from '../../activities/evaluate/video-quality.ts';
import { pythonFile, pythonOf } from '../../activities/runtime/paths.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { failureOf, supervisedRun, videoFolder, workFolder } from '../support/evaluators.ts';

async function score(work: string, videos_path: string, extra: JsonObject = {}) {
  const output_path = join(work, 'job', 'out', 'quality');
  const run = await supervisedRun(evaluateVideoQuality, join(work, 'job'), { videos_path, output_path, ...extra });
  const result = await evaluateVideoQuality.run(run);
  const scores = JSON.parse(await readFile(join(output_path, 'video_quality.json'), 'utf8'));
  const of = (name: string, metric: string): number =>
    scores.videos.find(({ video }: { video: string }) => video.endsWith(`/${name}`))[metric];
  return { ...result, scores, of, seen: run.seen };
}

test('frozen, flickering, moving and blurred videos of 32 to 64 pixels order as they look', async () => {
  const work = await workFolder();
  const videos = await videoFolder(
    join(work, 'videos'),
    'frozen.mp4:frozen:32x32:8',
    'flicker.mp4:flicker:32x32:8',
    'moving.mp4:moving:64x48:16',
    'still.mp4:frozen:64x48:16',
    'blurred.mp4:blurred:64x48:16',
  );
  const { of, metrics, notes, scores, seen } = await score(work, videos);
  expect(of('flicker.mp4', 'temporal_flicker')).toBeGreaterThan(10 * of('frozen.mp4', 'temporal_flicker'));
  expect(of('frozen.mp4', 'motion')).toBeLessThan(0.05);
  // 2 of 80 pixels (the diagonal of 64 × 48) a frame.
  expect(of('moving.mp4', 'motion')).toBeCloseTo(2.5, 0);
  expect(of('moving.mp4', 'temporal_flicker')).toBeLessThan(of('flicker.mp4', 'temporal_flicker') / 10);
  expect(of('blurred.mp4', 'sharpness')).toBeLessThan(of('still.mp4', 'sharpness'));
  expect(of('blurred.mp4', 'brisque')).toBeGreaterThan(of('still.mp4', 'brisque'));
  expect(of('blurred.mp4', 'colourfulness')).toBeLessThan(of('still.mp4', 'colourfulness'));
  expect(of('flicker.mp4', 'brightness')).toBeLessThan(of('frozen.mp4', 'brightness'));
  expect(metrics).toMatchObject({ videos: 5, brisque: scores.means.brisque });
  expect(notes).toEqual([expect.stringMatching(/5 of 5 videos were enlarged bicubically to 64 pixels/)]);
  expect(seen.at(-1)).toMatchObject({ step: 5, total: 5, unit: 'video' });
});

test('the result is the mean of the primary measure, and each measure says which way is better', async () => {
  const work = await workFolder();
  const videos = await videoFolder(join(work, 'videos'), 'a.mp4:frozen:64x48:8', 'b.mp4:blurred:64x48:8');
  const { results, metrics, of, scores } = await score(work, videos, {
    metrics: ['brisque', 'contrast'],
    primary: 'contrast',
  });
  expect(results).toEqual([{ value: (of('a.mp4', 'contrast') + of('b.mp4', 'contrast')) / 2 }]);
  expect(Object.keys(metrics!).sort()).toEqual(['brisque', 'contrast', 'videos']);
  expect(scores.metrics.brisque).toMatchObject({ better: 'lower', source: expect.stringContaining('2012') });
});

test('the same videos give the same bytes', async () => {
  const work = await workFolder();
  const videos = await videoFolder(join(work, 'videos'), 'a.mp4:moving:48x32:12', 'b.mp4:flicker:32x48:9');
  const [one, other] = [await score(join(work, '1'), videos), await score(join(work, '2'), videos)];
  expect(one.scores).toEqual(other.scores);
});

// What PyPI's brisque 0.2.0 itself says of these pictures, with NumPy 1 and libsvm.
test('BRISQUE is that of the package whose trained model it reads', async () => {
  const script = `
import sys; sys.path.insert(0, ${JSON.stringify(pythonFile('evaluate'))})
import cv2, numpy as np
from brisque_score import brisque
noise = cv2.resize(np.random.default_rng(7).normal(128, 60, (32, 48)).clip(0, 255).astype(np.uint8), (192, 128), interpolation=cv2.INTER_LINEAR)
print(brisque(noise), brisque(cv2.GaussianBlur(noise, (9, 9), 3)))`;
  const { stdout } = await execa(pythonOf('vbench'), ['-c', script]);
  const [sharp, blurred] = stdout.split(' ').map(Number);
  expect(sharp).toBeCloseTo(57.843, 1);
  expect(blurred).toBeCloseTo(69.893, 1);
});

test('a flat video has no BRISQUE: it is left out of the mean with a note, and alone it is a failure', async () => {
  const work = await workFolder();
  const videos = await videoFolder(join(work, 'both'), 'flat.mp4:flat:32x32:8', 'v.mp4:frozen:32x32:8');
  const { metrics, notes, of } = await score(work, videos);
  expect(metrics!.brisque).toBe(of('v.mp4', 'brisque'));
  expect(notes!.join()).toMatch(/brisque: undefined for 1 of 2 videos/);
  const alone = await videoFolder(join(work, 'alone'), 'flat.mp4:flat:32x32:8');
  expect((await failureOf(score(join(work, 'x'), alone))).message).toMatch(/^brisque is undefined for every video: /);
});

test('a video that ends early and a file that is no video fail by name', async () => {
  const work = await workFolder();
  const videos = await videoFolder(join(work, 'videos'), 'whole.mp4:frozen:32x32:8', 'cut.avi:moving:64x48:16');
  await truncate(join(videos, 'cut.avi'), 15_000);
  await writeFile(join(videos, 'text.mp4'), 'hello');
  const { message } = await failureOf(score(work, videos));
  expect(message).toMatch(
    /^2 of 3 videos cannot be scored: cut\.avi is truncated: of 16 frames .* \d could be decoded/,
  );
  expect(message).toMatch(/text\.mp4 is no video/);
});

test('an empty folder is told', async () => {
  const work = await workFolder();
  await mkdir(join(work, 'empty'));
  expect((await failureOf(score(work, join(work, 'empty')))).message).toMatch(/empty holds no video .*it is empty/);
});

test('a primary measure that is not among the metrics is an error of the config', () => {
  const extra_configs = { metrics: ['motion'], primary: 'brisque' };
  expect(evaluateVideoQuality.check!({ dj_configs: null, extra_configs })).toEqual([
    { at: 'extra_configs.primary', message: expect.stringMatching(/"brisque" is not among the metrics, motion/) },
  ]);
});
