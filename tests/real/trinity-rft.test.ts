// TrainModelHook `trinity-rft` with a program that plays `trinity run` (tests/fixtures/trinity): Trinity-RFT itself needs GPUs and a Ray cluster.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseLine } from '../../activities/runtime/log-patterns.ts';
import { assertSharedPattern } from '../../activities/runtime/shared-pattern.ts';
import { stepValues } from '../../activities/runtime/step-values.ts';
import { trinityPatterns } from '../../activities/train/trinity-patterns.ts';
import { trainTrinity } from '../../activities/train/trinity-rft.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { failureOf, supervisedRun, workFolder } from '../support/evaluators.ts';
import { startsOf } from '../support/pytorch-example.ts';

const BIN = resolve('tests/fixtures/trinity/bin');
const CONFIG = `project: rft
name: small
mode: both
checkpoint_root_dir: \${oc.env:TRINITY_CHECKPOINT_ROOT_DIR,./checkpoints}
continue_from_checkpoint: false
algorithm: {algorithm_type: grpo, optimizer: {lr: 1.0e-6}}
buffer: {total_steps: 9, explorer_input: {taskset: {path: tasks.jsonl}}}
trainer: {save_interval: 3}
`;

/** A training in `dir` that plays so. */
async function training(dir: string, overrides: JsonObject = {}, extra: JsonObject = {}, config = CONFIG) {
  await mkdir(dir, { recursive: true });
  const trinity_config_path = join(dir, 'gsm8k.yaml');
  await writeFile(trinity_config_path, config);
  const run = await supervisedRun(trainTrinity, dir, { trinity_config_path, cwd: dir, overrides, ...extra });
  const { program } = run;
  const more = { PATH: [BIN, process.env.PATH].join(delimiter), TRINITY_MARK: join(dir, 'killed') };
  run.program = spec => program({ ...spec, env: { ...more, ...spec.env } });
  return run;
}

const weights = (dir: string) =>
  readFile(join(dir, 'out/checkpoints/rft/small/global_step_9/actor/model_world_size_1_rank_0.pt'), 'hex');
const rewards = async (dir: string) => (await stepValues(join(dir, 'metrics.jsonl'), 'reward')).values;

test("a training gets its config with what is put over it, tells its trainer's records, and its result is where it saves", async () => {
  const dir = await workFolder();
  const overrides = {
    algorithm: { optimizer: { lr: 2e-6 } },
    buffer: { explorer_input: { taskset: { path: '/made/tasks.jsonl' } } },
  };
  const run = await training(dir, overrides, { metrics: { kept: 'timing_s/step' } });
  const { results, metrics, notes } = await trainTrinity.run(run);
  const root = join(dir, 'out', 'checkpoints');
  expect(results).toEqual([{ path: root }]);
  expect(metrics).toMatchObject({ steps: 9, first_reward: 0.01, last_reward: 0.09, last_loss: -0.1111, last_kept: 2 });
  expect(notes).toEqual([expect.stringMatching(/^checkpoint_root_dir of .*gsm8k\.yaml is not used/)]);
  expect(JSON.parse(await readFile(join(dir, 'trinity.yaml'), 'utf8'))).toMatchObject({
    checkpoint_root_dir: root,
    continue_from_checkpoint: true,
    algorithm: { algorithm_type: 'grpo', optimizer: { lr: 2e-6 } },
    buffer: { total_steps: 9, explorer_input: { taskset: { path: '/made/tasks.jsonl' } } },
  });
  expect((await rewards(dir)).map(({ step }) => step)).toEqual(Array.from({ length: 9 }, (_, i) => i + 1));
  expect(run.seen.at(-1)).toMatchObject({ step: 9, total: 9, unit: 'step' });
});

test('killed, it goes on from a checkpoint that is whole, to the same bytes', async () => {
  const work = await workFolder();
  const [straight, killed] = [join(work, 'straight'), join(work, 'killed')];
  await trainTrinity.run(await training(straight));
  // Slow enough for its checkpoint to be seen, twice unchanged, before it is killed.
  await trainTrinity.run(await training(killed, { play: '8:kill', seconds: 1.2 }));
  expect(await startsOf(killed)).toEqual([null, expect.stringMatching(/^checkpoint-[36]$/)]);
  expect(await weights(killed)).toBe(await weights(straight));
  expect(await rewards(killed)).toEqual(await rewards(straight));
});

describe('fails with what is wrong', () => {
  test.each<[string, JsonObject, JsonObject, string, RegExp]>([
    ['of a config that is no YAML', {}, {}, 'a: [', /^trinity_config_path .*gsm8k\.yaml is not YAML/],
    [
      'of a config that is no map',
      {},
      {},
      '- a',
      /must be a map of Trinity-RFT's keys \(mode, model, buffer, …\), got \["a"\]/,
    ],
    ['of a Ray that is not there', { play: 'no-ray' }, {}, CONFIG, /Ray is not running.*; it runs on a Ray cluster/],
    [
      'of a trainer whose failure Trinity-RFT ends well with',
      { play: '4:fail' },
      {},
      CONFIG,
      /TrinityError: Trainer failed: ray\.exceptions\.RayTaskError\(ValueError\): the reward is no number/,
    ],
    ['of a GPU that is too small', { play: '1:oom' }, {}, CONFIG, /CUDA out of memory.*; the GPU ran out of memory/],
    [
      'of a model that was not saved',
      { play: 'saves-nothing' },
      {},
      CONFIG,
      /ended well but saved no model .* look at trainer\.save_interval/,
    ],
    [
      'of an environment that is not there',
      {},
      { env_name: '/no/env', env_manager: 'virtualenv' },
      CONFIG,
      /env_name must be the folder of a virtualenv environment/,
    ],
  ])('%s', async (_, overrides, extra, config, message) => {
    const run = await training(await workFolder(), overrides, extra, config);
    expect((await failureOf(trainTrinity.run(run))).message).toMatch(message);
  });

  test('of a Trinity-RFT that is not installed', async () => {
    const run = await training(await workFolder());
    const { program } = run;
    run.program = spec => program({ ...spec, env: { ...spec.env, PATH: '/usr/bin:/bin' } });
    expect((await failureOf(trainTrinity.run(run))).message).toMatch(
      /^the program trinity is not on the PATH of \S+: install trinity-rft in that environment/,
    );
  });
});

test('lines of older and newer versions are read alike, the explorer’s are not, and both languages share the patterns', () => {
  const patterns = trinityPatterns({});
  for (const pattern of patterns) assertSharedPattern(pattern);
  const record = "Step 12: {'actor/pg_loss': -0.02, 'critic/rewards/mean': np.float64(0.5), 'timing_s/step': 4.0}";
  const read = { step: 12, loss: -0.02, reward: 0.5, speed: 0.25 };
  expect(parseLine(patterns, `(Trainer pid=3839503) INFO 05-08 11:11:13 monitor.py:96] ${record}`)).toEqual(read);
  expect(parseLine(patterns, `(Trainer pid=12, ip=10.0.0.1) INFO 11-30 06:45:57 [monitor.py:117] ${record}`)).toEqual(
    read,
  );
  expect(parseLine(patterns, `(Explorer pid=12) INFO 11-30 06:45:57 [monitor.py:117] ${record}`)).toBeNull();
});
