import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pythonFile } from '../../../activities/runtime/paths.ts';
import type { ProgramSpec } from '../../../activities/runtime/program-spec.ts';
import { trainEasyAnimate } from '../../../activities/train/easyanimate.ts';
import type { JsonObject } from '../../../plan/plan.ts';
import { jobRun } from '../../support/job-run.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'train-'));
  await writeFile(join(folder, 'train_lora.py'), '');
});
afterEach(() => rm(folder, { recursive: true }));

/** The keys of a config for EasyAnimate itself, bound as a job has it. */
function config(extra: JsonObject = {}, training: JsonObject = {}): JsonObject {
  return {
    type: 'easyanimate',
    easyanimate_home: folder,
    model_name: 'easyanimate',
    trainer_name: 'easyanimate-lora-trainer',
    train: {
      tracker_config: { project_name: 'p; rm -rf /', experiment_name: 'e' },
      model_path: { pretrained_model_name_or_path: 'org/pixart', transformer_path: '/m/transformer.safetensors' },
      dataset_path: { dataset_name: '', dataset_meta_name: '/d/data_ea_fmt.json' },
      training_config: {
        sample_size: 256,
        mixed_precision: 'bf16',
        batch_size_per_gpu: 8,
        gradient_accumulation_steps: 1,
        num_train_epochs: 2,
        dataloader_num_workers: 0,
        seed: 0,
        ...training,
      },
      saving_config: { output_dir: join(folder, 'out', 'models') },
    },
    ...extra,
  };
}

/** Runs the component with a program that does what `act` does; returns what it was asked to run. */
async function train(extra: JsonObject, devices: string[] = [], act: (output: string) => Promise<unknown> = wroteOne) {
  let spec: ProgramSpec | undefined;
  const metrics = join(folder, 'metrics.jsonl');
  await writeFile(metrics, '{"step":1,"loss":0.5}\n');
  const output = join(folder, 'out', 'models');
  const run = await jobRun(
    trainEasyAnimate,
    folder,
    { extra_configs: extra },
    {
      devices,
      program: async wanted => {
        spec = wanted;
        await mkdir(output, { recursive: true });
        await act(output);
        return { code: 0, signal: null, log: '', metrics };
      },
    },
  );
  return { result: await trainEasyAnimate.run(run), spec: spec! };
}

const wroteOne = (output: string) => writeFile(join(output, 'checkpoint-2.safetensors'), '');

describe('the command line', () => {
  test('gives EasyAnimate its own flags, each an argument of its own, behind our shim', async () => {
    const { spec, result } = await train(config({ env_name: 'easyanimate', env_manager: 'conda' }), ['GPU-1']);
    const script = join(folder, 'train_lora.py');
    const at = spec.argv.indexOf(script);
    expect(spec.argv.slice(0, at)).toEqual([
      ...['conda', 'run', '--no-capture-output', '-n', 'easyanimate', 'python', '-m', 'accelerate.commands.launch'],
      ...['--num_processes=1', '--num_machines=1', '--dynamo_backend=no', '--mixed_precision=bf16'],
      pythonFile('easyanimate-launch', 'launch.py'),
    ]);
    expect(spec.argv.slice(at + 1)).toEqual(
      expect.arrayContaining([
        '--config_path=config/easyanimate_video_motion_module_v1.yaml',
        '--pretrained_model_name_or_path=org/pixart',
        '--transformer_path=/m/transformer.safetensors',
        '--train_data_meta=/d/data_ea_fmt.json',
        '--sample_n_frames=16',
        '--sample_stride=2',
        '--train_batch_size=8',
        '--dataloader_num_workers=0',
        '--seed=0',
        '--learning_rate=0.00002',
        '--checkpointing_steps=1000',
        '--gradient_checkpointing',
        '--tracker_project_name=p; rm -rf /',
        '--validation_prompts',
      ]),
    );
    expect(spec.argv.some(argument => /max_train_steps|train_data_dir/.test(argument))).toBe(false);
    expect(spec).toMatchObject({
      cwd: folder,
      failOnNaN: true,
      env: { PYTHONUNBUFFERED: '1' },
      checkpoints: { dir: join(folder, 'out', 'models'), canStopOnRequest: true },
      restarts: { max: 5, stallAfterMs: 30 * 60_000 },
    });
    expect(result).toEqual({
      results: [{ path: join(folder, 'out', 'models') }],
      metrics: { steps: 1, first_loss: 0.5, last_loss: 0.5 },
    });
  });

  test('starts a process for each GPU, and without a GPU fixes the number of threads', async () => {
    const launcher = { python: 'python3', args: ['--zero3_init_flag=false'] };
    const several = (await train(config({ launcher }), ['0', '1'])).spec.argv;
    expect(several.slice(0, 3)).toEqual(['python3', '-m', 'accelerate.commands.launch']);
    expect(several).toEqual(
      expect.arrayContaining(['--num_processes=2', '--multi_gpu', '--main_process_port=0', '--zero3_init_flag=false']),
    );
    const none = (await train(config({ launcher }, { max_train_steps: 12 }))).spec.argv;
    expect(none).toEqual(expect.arrayContaining(['--num_cpu_threads_per_process=1', '--max_train_steps=12']));
    expect(none).not.toContain('--multi_gpu');
  });
});

describe('fails with what to do', () => {
  const launcher = { python: 'python3' };

  test('when the home has no train_lora.py', async () => {
    await rm(join(folder, 'train_lora.py'));
    await expect(train(config({ launcher }))).rejects.toThrow("easyanimate_home must be EasyAnimate's folder");
  });

  test('when the training ends well and wrote no checkpoint', async () => {
    await expect(train(config({ launcher }), [], async () => {})).rejects.toThrow(
      `ended well but wrote no checkpoint-<step>.safetensors in ${join(folder, 'out', 'models')}`,
    );
  });

  test('when the environment is a folder without an interpreter', async () => {
    const extra = config({ env_manager: 'venv', env_name: join(folder, 'no-env') });
    await expect(train(extra)).rejects.toThrow(`no Python interpreter at ${join(folder, 'no-env', 'bin', 'python')}`);
  });
});
