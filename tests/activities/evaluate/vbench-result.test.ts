import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readAsked, readResult, savedResult, scoresByPrompt } from '../../../activities/evaluate/vbench-result.ts';

const saved = (time: string, folder = '/run/results') =>
  `Evaluation results saved to ${folder}/results_2026-11-23-${time}_eval_results.json\ndone\n`;

async function resultFile(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vbench-result-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'r.json'), text);
  return join(folder, 'r.json');
}

test('the last result that a log names counts, not the first', () => {
  expect(savedResult(saved('10:00:00') + saved('11:00:00'), '/run/results')).toBe(
    '/run/results/results_2026-11-23-11:00:00_eval_results.json',
  );
});

test("a result in another run's folder does not count", () => {
  expect(savedResult(saved('10:00:00', '/elsewhere'), '/run/results')).toBeNull();
  expect(savedResult('no result', '/run/results')).toBeNull();
});

test('per-video scores are kept, sorted by video, with the paths of the config', async () => {
  const path = await resultFile(
    '{"dynamic_degree": [0.5, [{"video_path": "/run/videos/b.mp4", "video_results": true}, {"video_path": "/run/videos/a.mp4", "video_results": false}]]}',
  );
  expect(await readResult(path, 'dynamic_degree', '/videos')).toEqual({
    score: 0.5,
    videos: [
      { video_path: '/videos/a.mp4', video_results: false },
      { video_path: '/videos/b.mp4', video_results: true },
    ],
  });
});

test('the NaN that Python writes for a mean of nothing is no score', async () => {
  expect(await readResult(await resultFile('{"color": [NaN, []]}'), 'color', '/videos')).toEqual({
    score: null,
    videos: [],
  });
});

test('a result of another dimension is refused', async () => {
  await expect(readResult(await resultFile('{"color": [1, []]}'), 'scene', '/videos')).rejects.toThrow(
    /no scores for scene/,
  );
});

test('scores are kept by prompt: the mean of its videos, yes and no as 1 and 0, no number where one video has none', () => {
  const of = (name: string, video_results: number | boolean | null) => ({ video_path: `/v/${name}`, video_results });
  const videos = [
    of('a lake-0.mp4', 0.5),
    of('a lake-1.mp4', 1),
    of('a well-known face.gif', true),
    of('b-0.mp4', null),
    of('b-1.mp4', 1),
  ];
  expect(scoresByPrompt(videos)).toEqual([
    { prompt: 'a lake', score: 0.75, videos: 2 },
    { prompt: 'a well-known face', score: 1, videos: 1 },
    { prompt: 'b', score: null, videos: 2 },
  ]);
});

test('what VBench was to score is read from beside its result', async () => {
  const path = (await resultFile('[]')).replace('r.json', 'results_x_eval_results.json');
  expect(await readAsked(path)).toBeNull();
  const prompts = [{ video_list: ['/run/videos/a-0.mp4', '/run/videos/a-1.mp4'] }, { video_list: [] }];
  await writeFile(path.replace('_eval_results', '_full_info'), JSON.stringify(prompts));
  expect(await readAsked(path)).toEqual({ names: ['a-0.mp4', 'a-1.mp4'], missing: 8 });
  await writeFile(path.replace('_eval_results', '_full_info'), '{}');
  expect(await readAsked(path)).toBeNull();
});
