import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test, vi } from 'vitest';
import { evaluateVBench } from '../../activities/evaluate/vbench.ts';
import { vbenchArguments } from '../../activities/evaluate/vbench-command.ts';
import { vbenchSchema } from '../../activities/evaluate/vbench-config.ts';
import { weightsAdvice } from '../../activities/evaluate/vbench-weights.ts';
import { pythonOf } from '../../activities/runtime/paths.ts';
import { VBENCH_DIMENSIONS } from '../../plan/vbench-totals.ts';
import { failureOf, runInParts, supervisedRun, videoFolder, workFolder } from '../support/evaluators.ts';

const FIXTURES = resolve('tests/fixtures/evaluators');
const FLICKERING = { mode: 'custom_input', num_gpus: 0, dimension_list: ['temporal_flickering'] };

const player = (scenario: string) => ({
  launcher: { command: ['python3', join(FIXTURES, 'vbench_player.py'), scenario] },
});
const played = (log: string) => player(`log:${join(FIXTURES, 'vbench-logs', `${log}.txt`)}`);

async function runPart(folder: string, dimension: string, extra: object) {
  const config = { ...FLICKERING, ...extra, dimension_list: [dimension] };
  const run = await supervisedRun(evaluateVBench, join(folder, 'parts', dimension), config);
  return { run, result: evaluateVBench.runPart!(run, dimension) };
}

test('VBench itself scores a frozen video above a flickering one; scores, details and videos are merged into one file', async () => {
  const work = await workFolder();
  const videos_path = await videoFolder(
    join(work, 'videos'),
    'a frozen sea-0.mp4:frozen:64x48:8',
    'a flickering lamp-0.mp4:flicker:32x32:16',
  );
  await writeFile(join(videos_path, 'notes.txt'), 'not a video, and none of the scores');
  const output_path = join(work, 'results');
  const extra = { ...FLICKERING, videos_path, output_path, eval_name: 'both' };
  const { results, metrics, versions } = await runInParts(evaluateVBench, join(work, 'job'), extra);

  const merged = JSON.parse(await readFile(join(output_path, 'both_merged_results.json'), 'utf8'));
  const [flicker, frozen] = merged.videos.temporal_flickering;
  expect(flicker.video_path).toBe(join(videos_path, 'a flickering lamp-0.mp4'));
  expect(frozen.video_results).toBeGreaterThan(0.99);
  expect(flicker.video_results).toBeLessThan(0.9);
  const mean = (frozen.video_results + flicker.video_results) / 2;
  expect(merged.mean_score).toBeCloseTo(mean, 12);
  expect(merged.detail).toEqual({ temporal_flickering: merged.mean_score });
  expect(results).toEqual([{ value: merged.mean_score }]);
  expect(metrics).toEqual({ mean_score: merged.mean_score, 'detail.temporal_flickering': merged.mean_score });
  expect(versions).toEqual({ vbench: '0.1.5', torch: expect.stringMatching(/^2\./) });
});

test('the second evaluation into one folder never reads the score of the first', async () => {
  const work = await workFolder();
  const output_path = join(work, 'results');
  const scores: unknown[] = [];
  for (const kind of ['frozen', 'flicker']) {
    const videos_path = await videoFolder(join(work, kind), `v.mp4:${kind}:32x32:8`);
    const done = await runInParts(evaluateVBench, join(work, `job-${kind}`), {
      ...FLICKERING,
      videos_path,
      output_path,
    });
    scores.push(done.metrics!.mean_score);
  }
  expect(scores[0]).toBeGreaterThan(0.99);
  expect(scores[1]).toBeLessThan(0.9);
});

test('the standard mode scores the videos of the prompts alone, and says how many are missing', async () => {
  const work = await workFolder();
  const full_json_dir = join(work, 'prompts.json');
  await writeFile(full_json_dir, JSON.stringify([{ prompt_en: 'a lake', dimension: ['temporal_flickering'] }]));
  const videos_path = await videoFolder(join(work, 'v'), 'a lake-0.mp4:frozen:32x32:8', 'a road-0.mp4:flicker:32x32:8');
  const extra = { ...FLICKERING, mode: 'standard', full_json_dir, videos_path };
  const { metrics, notes } = await runInParts(evaluateVBench, join(work, 'job'), extra);
  expect(metrics!.mean_score).toBeGreaterThan(0.99);
  expect(notes).toEqual([expect.stringMatching(/4 of 5 videos of its prompts are not there/)]);
});

test('in standard mode videos of other prompts are an error before VBench starts', async () => {
  const work = await workFolder();
  const full_json_dir = join(work, 'prompts.json');
  await writeFile(full_json_dir, JSON.stringify([{ prompt_en: 'a lake', dimension: ['temporal_flickering'] }]));
  const videos_path = await videoFolder(join(work, 'v'), 'a road-0.mp4:frozen:32x32:8');
  const { result } = await runPart(work, 'temporal_flickering', { mode: 'standard', full_json_dir, videos_path });
  expect((await failureOf(result)).message).toMatch(/wants names such as "a lake-0.mp4", mode custom_input takes any/);
});

test("the standard mode without prompts of one's own takes VBench's, scores their videos alone and keeps scores by prompt", async () => {
  const work = await workFolder();
  const prompt = 'In a still frame, a stop sign';
  const videos_path = await videoFolder(
    join(work, 'v'),
    `${prompt}-0.mp4:frozen:32x32:8`,
    `${prompt}-1.mp4:flicker:32x32:8`,
    'a person is swimming in ocean-0.mp4:flicker:32x32:8',
  );
  const output_path = join(work, 'results');
  const extra = { ...FLICKERING, mode: 'standard', videos_path, output_path };
  const { metrics, notes } = await runInParts(evaluateVBench, join(work, 'job'), extra);
  const merged = JSON.parse(await readFile(join(output_path, 'vbench_evaluator_merged_results.json'), 'utf8'));
  expect(merged.prompts.temporal_flickering).toEqual([
    { prompt, score: expect.closeTo(metrics!.mean_score!, 12), videos: 2 },
  ]);
  expect(notes).toEqual([
    expect.stringMatching(/^temporal_flickering: \d+ of \d+ videos of its prompts are not there/),
  ]);
});

test('all 16 dimensions in the standard mode: one call each, the official total, scores by prompt', async () => {
  const work = await workFolder();
  const full_json_dir = join(work, 'prompts.json');
  await writeFile(full_json_dir, JSON.stringify([{ prompt_en: 'a lake', dimension: VBENCH_DIMENSIONS }]));
  const videos_path = await videoFolder(join(work, 'v'), 'a lake-0.mp4:frozen:32x32:8', 'a lake-1.mp4:frozen:32x32:8');
  const output_path = join(work, 'results');
  const extra = { mode: 'standard', num_gpus: 0, dimension_list: [...VBENCH_DIMENSIONS], full_json_dir, videos_path };
  const { metrics } = await runInParts(evaluateVBench, join(work, 'job'), {
    ...extra,
    output_path,
    ...player('score:0.5'),
  });
  expect(VBENCH_DIMENSIONS).toHaveLength(16);
  for (const dimension of VBENCH_DIMENSIONS) expect(metrics![`detail.${dimension}`]).toBe(0.5);
  expect(metrics!.total).toBeCloseTo((4 * metrics!.quality! + metrics!.semantic!) / 5, 12);
  const { prompts } = JSON.parse(await readFile(join(output_path, 'vbench_evaluator_merged_results.json'), 'utf8'));
  expect(Object.keys(prompts)).toEqual(VBENCH_DIMENSIONS);
  expect(prompts.scene).toEqual([{ prompt: 'a lake', score: 0.5, videos: 2 }]);
});

test('VBench itself reads the command lines of all 16 dimensions as they are meant, and what it would fetch for each is in our advice', async () => {
  const work = await workFolder();
  const config = {
    type: 'vbench_video_evaluator',
    videos_path: '/v',
    full_json_dir: '/p.json',
    load_ckpt_from_local: true,
  };
  const argumentsOf = (dimension: string) =>
    vbenchArguments(vbenchSchema.parse({ ...config, dimension_list: [dimension] }), {
      dimension,
      videos: '/v',
      output: join(work, 'out'),
      gpus: 2,
    });
  // `evaluate --ngpus 2` is its launcher's, which passes the rest on.
  const input = JSON.stringify(Object.fromEntries(VBENCH_DIMENSIONS.map(name => [name, argumentsOf(name).slice(3)])));
  const cache = join(work, 'cache');
  const facts = join(FIXTURES, 'vbench_facts.py');
  const { stdout } = await execa(pythonOf('vbench'), [facts, cache], { input });
  const found = JSON.parse(stdout) as Record<string, { parsed: Record<string, unknown>; fetched: [string, string][] }>;
  vi.stubEnv('VBENCH_CACHE_DIR', cache);
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const dimension of VBENCH_DIMENSIONS) {
    const { parsed, fetched } = found[dimension]!;
    expect(parsed).toMatchObject({ dimension: [dimension], mode: 'vbench_standard', videos_path: '/v' });
    expect(parsed).toMatchObject({
      full_json_dir: '/p.json',
      output_path: join(work, 'out'),
      load_ckpt_from_local: true,
    });
    const advice = weightsAdvice(dimension);
    for (const [url, folder] of fetched) {
      expect(advice, dimension).toContain(url);
      expect(advice, dimension).toContain(folder.replace(/\/$/, ''));
    }
    expect(advice === '', dimension).toBe(dimension === 'temporal_flickering');
    expect(fetched.length > 0, dimension).toBe(dimension !== 'temporal_flickering');
  }
}, 600_000);

test('videos of two kinds are told in the standard mode, which would take one of them', async () => {
  const work = await workFolder();
  const videos_path = await videoFolder(join(work, 'v'), 'a lake-0.mp4:frozen:32x32:8');
  await writeFile(join(videos_path, 'a lake-1.gif'), 'GIF89a');
  const { result } = await runPart(work, 'temporal_flickering', { mode: 'standard', videos_path });
  expect((await failureOf(result)).message).toMatch(
    /videos that end with \.mp4 and with \.gif, and .* takes one kind$/,
  );
});

test('a truncated video and a file that is no video fail by name, instead of being left out of the mean', async () => {
  const work = await workFolder();
  const videos_path = await videoFolder(join(work, 'v'), 'whole.mp4:frozen:32x32:8', 'cut.mp4:moving:64x48:16');
  await truncate(join(videos_path, 'cut.mp4'), 3000);
  await writeFile(join(videos_path, 'text.mp4'), 'hello');
  const { result } = await runPart(work, 'temporal_flickering', { videos_path });
  const { message } = await failureOf(result);
  expect(message).toMatch(/^2 of 3 videos cannot be scored: cut\.mp4 is no video: .*; text\.mp4 is no video: /);
});

test('a missing folder, an empty one and one without videos are each told', async () => {
  const work = await workFolder();
  await mkdir(join(work, 'empty'));
  await mkdir(join(work, 'texts'));
  await writeFile(join(work, 'texts', 'a.txt'), '');
  const told = async (name: string) =>
    (await failureOf((await runPart(work, 'temporal_flickering', { videos_path: join(work, name) })).result)).message;
  expect(await told('nowhere')).toMatch(/nowhere is not there/);
  expect(await told('empty')).toMatch(/holds no video \(\.mp4, \.gif\): it is empty/);
  expect(await told('texts')).toMatch(/holds no video \(\.mp4, \.gif\): it holds a\.txt/);
});

// Logs of the real VBench 0.1.5 without a network.
test.each([
  ['motion_smoothness', /amt-s\.pth as .*amt_model\/amt-s\.pth; VBENCH_CACHE_DIR/],
  ['dynamic_degree', /models\.zip as .*raft_model\/models\/raft-things\.pth \(unpacked/],
  ['subject_consistency', /dino_vitbase16_pretrain\.pth as .*, and set load_ckpt_from_local: true/],
  ['imaging_quality', /musiq_spaq_ckpt-358bb6af\.pth/],
])('%s without its weights says which file to put where, also where VBench exits 0', async (dimension, advice) => {
  const work = await workFolder();
  const before = process.env.VBENCH_CACHE_DIR;
  process.env.VBENCH_CACHE_DIR = join(work, 'cache');
  try {
    const videos_path = await videoFolder(join(work, 'v'), 'v.mp4:frozen:32x32:8');
    const { result } = await runPart(work, dimension, { videos_path, ...played(dimension) });
    const { message, logTail } = await failureOf(result);
    expect(message).toContain(`${dimension} needs model weights, and VBench could not download them`);
    expect(message).toContain(join(work, 'cache'));
    expect(message).toMatch(advice);
    expect(logTail.length).toBeGreaterThan(0);
  } finally {
    if (before === undefined) delete process.env.VBENCH_CACHE_DIR;
    else process.env.VBENCH_CACHE_DIR = before;
  }
});

test('a result that an earlier run left behind is not read when this one saved none', async () => {
  const work = await workFolder();
  const videos_path = await videoFolder(join(work, 'v'), 'v.mp4:frozen:32x32:8');
  const { run, result } = await runPart(work, 'temporal_flickering', { videos_path, ...played('silent') });
  await mkdir(join(run.dir, 'results'));
  await writeFile(join(run.dir, 'results', 'results_x_eval_results.json'), '{"temporal_flickering": [0.5, []]}');
  expect((await failureOf(result)).message).toMatch(/ended without a result for temporal_flickering/);
});

test.each([
  ['', /result cannot be read: SyntaxError/],
  ['{"temporal_flickering": ', /result cannot be read: SyntaxError/],
  ['{"scene": [1, []]}', /holds no scores for temporal_flickering/],
])('a result that says %j is refused', async (text, message) => {
  const work = await workFolder();
  const videos_path = await videoFolder(join(work, 'v'), 'v.mp4:frozen:32x32:8');
  const { result } = await runPart(work, 'temporal_flickering', { videos_path, ...player(`raw:${text}`) });
  expect((await failureOf(result)).message).toMatch(message);
});

test('a video that VBench leaves out of its mean without a word is a failure', async () => {
  const work = await workFolder();
  const videos_path = await videoFolder(join(work, 'v'), 'a.mp4:frozen:32x32:8', 'b.mp4:frozen:32x32:8');
  const { result } = await runPart(work, 'dynamic_degree', { videos_path, ...player('skip:1') });
  expect((await failureOf(result)).message).toMatch(/left 1 of 2 videos out of dynamic_degree, the first is a\.mp4/);
});

test('a video for which VBench computes no number is named, and NaN is no score', async () => {
  const work = await workFolder();
  const videos_path = await videoFolder(join(work, 'v'), 'a.mp4:frozen:32x32:1');
  const { result } = await runPart(work, 'temporal_flickering', { videos_path, ...player('score:nan') });
  expect((await failureOf(result)).message).toMatch(/a\.mp4 gives no number; has it fewer than two frames\?/);
});

test('all seven quality dimensions give the official quality beside the mean of the raw scores', async () => {
  const work = await workFolder();
  const videos_path = await videoFolder(join(work, 'v'), 'v.mp4:frozen:32x32:8');
  const dimension_list = [
    ...['subject_consistency', 'background_consistency', 'temporal_flickering', 'motion_smoothness'],
    ...['dynamic_degree', 'aesthetic_quality', 'imaging_quality'],
  ];
  const extra = { ...FLICKERING, dimension_list, videos_path, ...player('score:0.9') };
  const { metrics } = await runInParts(evaluateVBench, join(work, 'job'), extra);
  // (0.9 - min) / (max - min) by hand: .88287, .86459, .73024, .66552, .9 (counts half), .9, .9
  expect(metrics!.quality).toBeCloseTo((0.88287 + 0.86459 + 0.73024 + 0.66552 + 0.45 + 0.9 + 0.9) / 6.5, 4);
  expect(metrics!.mean_score).toBeCloseTo(0.9, 12);
  expect(metrics).not.toHaveProperty('total');
});
