import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { defineComponent, type JobResult, type JobRun } from '../component.ts';
import {
  COMMON_NOT_IN_KEY,
  commonKeys,
  flagsOf,
  HOME,
  HOME_READ,
  MODEL_CONFIG,
  MODEL_READS,
  modelPath,
  precision,
} from '../easyanimate/config.ts';
import { lorasIn } from '../easyanimate/loras.ts';
import { lossSummary } from '../easyanimate/losses.ts';
import { durably } from '../runtime/durably.ts';
import { JobFailure } from '../runtime/failure.ts';
import { EASYANIMATE } from '../runtime/log-patterns.ts';
import { pythonFile } from '../runtime/paths.ts';

const OUTPUT = 'extra_configs.train.saving_config.output_dir';
/** EasyAnimate's script makes a video of at least one prompt before it trains: it does not start without. */
const VALIDATION_PROMPT = 'Waves roll onto a rocky coast below red cliffs while sea birds circle in the evening light.';
/** On a CPU the number of threads changes the last bits of the weights, so it is the same everywhere; trainings at once do not spin against each other with one. */
const CPU_THREADS = 1;

const schema = z.looseObject({
  ...commonKeys,
  train: z.looseObject({
    tracker_config: z
      .looseObject({
        project_name: z.string().nullish(),
        experiment_name: z.string().nullish(),
        report_to: z
          .string()
          .default('tensorboard')
          .describe('What accelerate reports to: tensorboard (where it is installed), wandb, …'),
      })
      .default({ report_to: 'tensorboard' }),
    model_path: z.looseObject(modelPath),
    dataset_path: z.looseObject({
      dataset_name: z.string().nullish().describe('Folder that relative paths of videos start at'),
      dataset_meta_name: z.string().min(1).describe("Dataset in EasyAnimate's format"),
    }),
    training_config: z.looseObject({
      sample_size: z.int().positive().describe('Height and width of the frames'),
      mixed_precision: precision.default('no').describe('Numbers that are calculated with'),
      batch_size_per_gpu: z.int().positive().describe('Clips of a step on each GPU'),
      gradient_accumulation_steps: z.int().positive().default(1).describe('Batches whose gradients make one step'),
      num_train_epochs: z.int().positive().describe('How often the dataset is gone through'),
      dataloader_num_workers: z.int().min(0).default(0).describe('Processes that read clips'),
      seed: z.int().min(0).describe('Of all that is drawn at random'),
      max_train_steps: z
        .int()
        .positive()
        .nullish()
        .describe('Ends the training earlier or later than `num_train_epochs`'),
      learning_rate: z.number().positive().default(2e-5),
      sample_n_frames: z.int().positive().default(16).describe('Frames of each clip'),
      sample_stride: z.int().positive().default(2).describe('Distance of these frames in the video'),
      checkpointing_steps: z.int().positive().default(1000).describe('Steps between checkpoints'),
      validation_steps: z.int().positive().default(500).describe('Steps between validation videos'),
      validation_prompts: z.array(z.string()).min(1).default([VALIDATION_PROMPT]).describe('What these show'),
    }),
    saving_config: z.looseObject({ output_dir: z.string().nullish().describe('Folder for checkpoints and LoRAs') }),
  }),
});

type TrainConfig = z.infer<typeof schema>;

/** EasyAnimate's LoRA training, run through our launch shim: whole checkpoints, resuming, the same with the real home and the small one. */
export const trainEasyAnimate = defineComponent({
  name: 'train.easyanimate',
  hook: 'TrainModelHook',
  type: 'easyanimate',
  version: 1,
  summary: 'trains a LoRA of an EasyAnimate text-to-video model',
  resources: { tag: 'gpu', gpus: 1 },
  claims: true,
  cacheable: true,
  config: { extra: schema },
  reads: [
    HOME_READ,
    ...MODEL_READS,
    { at: 'extra_configs.train.dataset_path.dataset_name', kind: 'directory', relativeTo: HOME },
    { at: 'extra_configs.train.dataset_path.dataset_meta_name', kind: 'dataset', relativeTo: HOME },
  ],
  writes: [{ at: OUTPUT, kind: 'directory', relativeTo: HOME, fallback: 'models' }],
  results: [{ write: OUTPUT }],
  steps: { sums: { first_loss: 'loss', last_loss: 'loss' }, waits: true },
  notInKey: [
    ...COMMON_NOT_IN_KEY,
    'extra_configs.trainer_name',
    'extra_configs.train.tracker_config',
    'extra_configs.train.training_config.dataloader_num_workers',
  ],
  run,
});

async function run(job: JobRun): Promise<JobResult> {
  const config = schema.parse(job.config.extra_configs);
  const output = config.train.saving_config.output_dir ?? join(job.out, 'models');
  const { python, env } = await job.environment(config, 'train');
  const end = await job.program({
    argv: trainCommand(config, python, output, job.devices.length),
    cwd: config.easyanimate_home,
    env: { PYTHONUNBUFFERED: '1', ...env },
    patterns: [...EASYANIMATE],
    unit: 'step',
    phase: 'training',
    failOnNaN: true,
    ...durably(job.job, { dir: output, canStopOnRequest: true }),
  });
  if ((await lorasIn(output)).length === 0)
    throw new JobFailure(`train_lora.py ended well but wrote no checkpoint-<step>.safetensors in ${output}`);
  return { results: [{ path: output }], metrics: { ...(await lossSummary(end.metrics)) } };
}

/** The command line: `accelerate launch`, our shim, EasyAnimate's own script with the flags of its train_lora.sh. */
export function trainCommand(config: TrainConfig, python: readonly string[], output: string, gpus: number): string[] {
  const { tracker_config: tracker, model_path: model, dataset_path: dataset, training_config: training } = config.train;
  const script = join(config.easyanimate_home, 'train_lora.py');
  if (!existsSync(script)) throw new JobFailure(missingScript(script));
  const launch = flagsOf({
    num_processes: Math.max(1, gpus),
    num_machines: 1,
    dynamo_backend: 'no',
    mixed_precision: training.mixed_precision,
    multi_gpu: gpus > 1,
    // 0: any free port, so that two trainings of a host do not meet.
    main_process_port: gpus > 1 ? 0 : null,
    num_cpu_threads_per_process: gpus === 0 ? CPU_THREADS : null,
  });
  const flags = flagsOf({
    config_path: MODEL_CONFIG,
    pretrained_model_name_or_path: model.pretrained_model_name_or_path,
    transformer_path: model.transformer_path,
    train_data_dir: dataset.dataset_name,
    train_data_meta: dataset.dataset_meta_name,
    sample_size: training.sample_size,
    sample_n_frames: training.sample_n_frames,
    sample_stride: training.sample_stride,
    mixed_precision: training.mixed_precision,
    train_batch_size: training.batch_size_per_gpu,
    gradient_accumulation_steps: training.gradient_accumulation_steps,
    num_train_epochs: training.num_train_epochs,
    max_train_steps: training.max_train_steps,
    dataloader_num_workers: training.dataloader_num_workers,
    seed: training.seed,
    output_dir: output,
    checkpointing_steps: training.checkpointing_steps,
    validation_steps: training.validation_steps,
    learning_rate: training.learning_rate,
    adam_weight_decay: 3e-2,
    adam_epsilon: 1e-10,
    vae_mini_batch: 1,
    enable_xformers_memory_efficient_attention: true,
    gradient_checkpointing: true,
    report_to: tracker.report_to,
    tracker_project_name: tracker.project_name,
    tracker_experiment_name: tracker.experiment_name,
  });
  return [
    ...python,
    '-m',
    'accelerate.commands.launch',
    ...launch,
    ...(config.launcher?.args ?? []),
    pythonFile('easyanimate-launch', 'launch.py'),
    script,
    ...flags,
    '--validation_prompts',
    ...training.validation_prompts,
  ];
}

function missingScript(script: string): string {
  return `${script} is not there: easyanimate_home must be EasyAnimate's folder with the sandbox's patch, or python/easyanimate-small`;
}
