import { expect, test } from 'vitest';
import { vbenchArguments, vbenchCommand } from '../../../activities/evaluate/vbench-command.ts';
import { type VBenchConfig, vbenchSchema } from '../../../activities/evaluate/vbench-config.ts';
import { JobFailure } from '../../../activities/runtime/failure.ts';

const config = (more: Record<string, unknown> = {}): VBenchConfig =>
  vbenchSchema.parse({
    type: 'vbench_video_evaluator',
    full_json_dir: '/v/VBench_full_info.json',
    videos_path: '/videos',
    dimension_list: ['dynamic_degree'],
    ...more,
  });
const call = { dimension: 'dynamic_degree', videos: '/run/videos', output: '/run/results', gpus: 2 };
const HERE = { python: ['python3'], before: [] };

test("one dimension a call, in VBench's own words", () => {
  expect(vbenchArguments(config(), call).join(' ')).toBe(
    'evaluate --ngpus 2 --full_json_dir /v/VBench_full_info.json --output_path /run/results --videos_path /run/videos --dimension dynamic_degree',
  );
});

test('load_ckpt_from_local: false leaves the flag out, because VBench reads the word False as true', () => {
  expect(vbenchArguments(config({ load_ckpt_from_local: false }), call)).not.toContain('--load_ckpt_from_local');
  expect(vbenchArguments(config({ load_ckpt_from_local: true }), call).join(' ')).toContain(
    '--load_ckpt_from_local True',
  );
});

test('mode custom_input is passed on; without full_json_dir VBench takes its own', () => {
  const args = vbenchArguments(config({ mode: 'custom_input', full_json_dir: null }), call);
  expect(args.join(' ')).toMatch(/ --mode custom_input$/);
  expect(args).not.toContain('--full_json_dir');
});

test('a command of the config stands in place of vbench', () => {
  const args = vbenchCommand(config({ launcher: { command: ['srun', 'vbench'] } }), call, HERE);
  expect(args.slice(0, 3)).toEqual(['srun', 'vbench', 'evaluate']);
});

test("nothing reaches the shell of VBench's console script", () => {
  const hostile = { launcher: { command: ['vbench'] }, full_json_dir: '/v/$(touch x).json' };
  expect(() => vbenchCommand(config(hostile), call, HERE)).toThrow(JobFailure);
  expect(() => vbenchCommand(config({ launcher: { command: ['vbench'] } }), { ...call, videos: '/a b' }, HERE)).toThrow(
    /shell/,
  );
});
