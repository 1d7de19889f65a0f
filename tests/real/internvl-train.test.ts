// TrainModelHook `internvl_coco_caption` with programs that play torchrun and InternVL's script (tests/fixtures/internvl): InternVL itself needs GPUs.
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { stepValues } from '../../activities/runtime/step-values.ts';
import { trainInternVL } from '../../activities/train/internvl-coco-caption.ts';
import { DEFAULT_DURABILITY } from '../../plan/durability.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { failureOf, supervisedRun, workFolder } from '../support/evaluators.ts';
import { startsOf } from '../support/pytorch-example.ts';

const HOME = resolve('tests/fixtures/internvl');
const CHAT = join(HOME, 'internvl_chat');
const STEPS = 12;

beforeAll(() => {
  process.env.PATH = [join(HOME, 'bin'), process.env.PATH].join(delimiter);
});

async function meta(work: string, name: string, length = STEPS * 512): Promise<string> {
  const path = join(work, `${name}.json`);
  await writeFile(path, JSON.stringify({ [name]: { root: 'data/coco/', annotation: `${name}.jsonl`, length } }));
  return path;
}

/** A training in `dir` of a model that plays so. */
async function training(work: string, dir: string, play = '', extra: JsonObject = {}) {
  const model = join(work, 'InternVL2-1B');
  await mkdir(model, { recursive: true });
  await writeFile(join(model, 'play'), play);
  const run = await supervisedRun(trainInternVL, dir, {
    internvl_home: HOME,
    work_dir: join(dir, 'out', 'work_dirs'),
    script_dir: join(dir, 'out', 'scripts'),
    model_name_or_path: model,
    conv_style_or_scale: '1B',
    meta_paths: await meta(work, 'pool_a'),
    ...extra,
  });
  run.job = { ...run.job, durability: { ...DEFAULT_DURABILITY, checkpointEvery: { steps: 4 } } };
  return run;
}

const weights = (dir: string, name = 'pool_a_InternVL2-1B') =>
  readFile(join(dir, 'out', 'work_dirs', name, 'model.safetensors'), 'hex');
const losses = async (dir: string) => (await stepValues(join(dir, 'metrics.jsonl'), 'loss')).values;

test('each meta file is trained on by a call of its own, whose command line stands as a script in script_dir', async () => {
  const work = await workFolder();
  const dir = join(work, 'job');
  const meta_paths = [await meta(work, 'pool_a'), await meta(work, 'pool_b', 1024)];
  const run = await training(work, dir, '', { meta_paths });
  run.devices = ['GPU-1', 'GPU-2'];
  const { results, metrics } = await trainInternVL.run(run);
  const names = ['pool_a_InternVL2-1B', 'pool_b_InternVL2-1B'];
  expect(results).toEqual([{ paths: names.map(name => join(dir, 'out', 'work_dirs', name)) }]);
  expect(metrics).toMatchObject({
    [`${names[0]}.steps`]: STEPS,
    [`${names[1]}.steps`]: 2,
    [`${names[0]}.first_loss`]: 2,
  });
  expect((await losses(dir)).map(({ step }) => step)).toEqual(Array.from({ length: STEPS }, (_, i) => i + 1));
  expect(run.seen).toContainEqual(
    expect.objectContaining({ step: 2, total: 2, unit: 'step', phase: `fine-tuning on ${names[1]}` }),
  );
  const script = join(dir, 'out', 'scripts', `${names[1]}.sh`);
  const text = await readFile(script, 'utf8');
  for (const part of [
    '--nproc_per_node=2',
    '--conv_style \\\n  Hermes-2',
    '--gradient_accumulation_steps \\\n  64',
    `cd ${CHAT}`,
  ])
    expect(text).toContain(part);
  // It is what was run: it does the same again.
  const before = await weights(dir, names[1]);
  execFileSync('bash', [script], { stdio: 'ignore' });
  expect(await weights(dir, names[1])).toBe(before);
});

test('killed, it goes on from its newest checkpoint, to the same bytes', async () => {
  const work = await workFolder();
  const [straight, killed] = [join(work, 'straight'), join(work, 'killed')];
  await trainInternVL.run(await training(work, straight));
  await trainInternVL.run(await training(work, killed, '10:kill'));
  expect(await startsOf(killed)).toEqual([null, 'checkpoint-8']);
  expect(await weights(killed)).toBe(await weights(straight));
  expect(await losses(killed)).toEqual(await losses(straight));
});

describe('fails with what is wrong', () => {
  test.each<[string, string, JsonObject, RegExp]>([
    [
      'of a home that is none',
      '',
      { internvl_home: '/no/such' },
      /^\/no\/such\/internvl_chat\/internvl\/train\/internvl_chat_finetune\.py is not there: internvl_home must be/,
    ],
    [
      'of an environment that is not there',
      '',
      { env_name: '/no/env', env_manager: 'venv' },
      /env_name must be the folder of a venv environment/,
    ],
    ['of a batch that does not come out even', '', { batch_size_per_device: 3 }, /must divide 512.*: 1 × 3 does not/],
    ['of a GPU that is too small', 'oom', {}, /CUDA out of memory.*; the GPU ran out of memory/],
    [
      'of an InternVL of another version',
      'old',
      {},
      /does not know the arguments \['--ps_version', 'v2'\]: its version is another/,
    ],
    ['of a model that was not saved', 'no-model', {}, /ended well but left no config\.json in .*\/pool_a_InternVL2-1B/],
    ['of a model without weights', 'no-weights', {}, /left no weights \(model\*\.safetensors/],
    ['of weights that are empty', 'empty', {}, /model\.safetensors is empty/],
    ['of weights that are cut off', 'cut', {}, /model\.safetensors is no safetensors file/],
  ])('%s', async (_, play, extra, message) => {
    const work = await workFolder();
    const run = await training(work, join(work, 'job'), play, extra);
    expect((await failureOf(trainInternVL.run(run))).message).toMatch(message);
  });

  test('of a torchrun that is not installed', async () => {
    const work = await workFolder();
    const run = await training(work, join(work, 'job'));
    const { program } = run;
    run.program = spec => program({ ...spec, env: { ...spec.env, PATH: '/usr/bin:/bin' } });
    expect((await failureOf(trainInternVL.run(run))).message).toMatch(
      /^cannot start torchrun: there is no such program/,
    );
  });
});
