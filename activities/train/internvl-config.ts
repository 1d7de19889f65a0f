import { basename, extname } from 'node:path';
import { z } from 'zod';
import type { JobConfig } from '../../plan/component.ts';
import { environmentKeys } from '../../plan/environment.ts';

const text = z.string().min(1);

/** InternVL's recipe for COCO captions: samples of one optimizer step, on all GPUs together. */
export const TOTAL_BATCH = 512;
const BATCH_PER_DEVICE = 4;

/** Size of an InternVL2 → the style of conversation that it was tuned with. */
const STYLES: Record<string, string> = {
  '1B': 'Hermes-2',
  '2B': 'internlm2-chat',
  '4B': 'phi3-chat',
  '8B': 'internlm2-chat',
  '26B': 'internlm2-chat',
  '40B': 'Hermes-2',
  '76B': 'internlm2-chat',
};
const KNOWN_STYLES = [...Object.keys(STYLES), ...new Set(Object.values(STYLES))];

/** Keys of the original's InternVLCOCOCaptionTrainExecutor. */
export const internvlTrainSchema = z.object({
  type: z.literal('internvl_coco_caption'),
  internvl_home: text.describe("InternVL's own folder; the training runs in internvl_chat of it"),
  num_gpus: z.int().positive().nullish().describe('GPUs of a training'),
  batch_size_per_device: z
    .int()
    .positive()
    .default(BATCH_PER_DEVICE)
    .describe('Samples at a time on each GPU; times num_gpus it must divide 512'),
  work_dir: text.describe('Each training has a folder in it, named for its meta file and its model'),
  model_name_or_path: text.describe('The model that is tuned: a folder, or a name on the hub'),
  conv_style_or_scale: z.enum(KNOWN_STYLES).describe('Size of the model, or the style of its conversations'),
  meta_paths: z.union([text, z.array(text).min(1)]).describe('Meta files, trained on one after another'),
  script_dir: text.describe("Where each training's command line is written as a script"),
  ...environmentKeys,
});

export type InternVLTraining = z.infer<typeof internvlTrainSchema>;

/** One training: what it reads and where it writes. */
export interface Tuning {
  /** `<meta file>_<model>`, numbered from 2 where two meta files have one name. */
  name: string;
  meta: string;
}

/** The trainings of a config, in order. */
export function tuningsOf({ meta_paths, model_name_or_path }: InternVLTraining): Tuning[] {
  const stem = (path: string) => basename(path, extname(path));
  const names = [meta_paths].flat().map(meta => `${stem(meta)}_${stem(model_name_or_path)}`);
  return [meta_paths].flat().map((meta, i) => {
    const before = names.slice(0, i).filter(name => name === names[i]).length;
    return { name: before === 0 ? names[i]! : `${names[i]}_${before + 1}`, meta };
  });
}

/** What torchrun is told besides the recipe: who runs where. */
export interface Launch {
  gpus: number;
  port: number;
}

/** Optimizer steps are of 512 samples: so many rounds of all GPUs; null where it does not come out even. */
export function accumulation(gpus: number, perDevice: number): number | null {
  const rounds = TOTAL_BATCH / (gpus * perDevice);
  return Number.isInteger(rounds) ? rounds : null;
}

/** Why 512 is no multiple, and what would be right. */
export function unevenBatch(gpus: number, perDevice: number): string {
  return `num_gpus × batch_size_per_device must divide ${TOTAL_BATCH}, the samples of a step in InternVL's recipe: ${gpus} × ${perDevice} does not; take powers of 2`;
}

/** The command line of InternVL's shell/…/…_coco_captioning scripts, with the flags that the original sets; `saveEvery` in steps. */
export function tuningCommand(
  config: InternVLTraining,
  meta: string,
  output: string,
  launch: Launch,
  saveEvery = 200,
): string[] {
  const { gpus, port } = launch;
  const rounds = accumulation(gpus, config.batch_size_per_device);
  return [
    ...['torchrun', '--nnodes=1', '--node_rank=0', '--master_addr=127.0.0.1'],
    ...[`--nproc_per_node=${gpus}`, `--master_port=${port}`, 'internvl/train/internvl_chat_finetune.py'],
    ...flags({
      model_name_or_path: config.model_name_or_path,
      conv_style: STYLES[config.conv_style_or_scale] ?? config.conv_style_or_scale,
      output_dir: output,
      meta_path: meta,
      overwrite_output_dir: 'True',
      force_image_size: 448,
      max_dynamic_patch: 6,
      down_sample_ratio: 0.5,
      drop_path_rate: '0.0',
      freeze_llm: 'True',
      freeze_mlp: 'True',
      freeze_backbone: 'True',
      use_llm_lora: 128,
      vision_select_layer: -1,
      dataloader_num_workers: 4,
      bf16: 'True',
      num_train_epochs: 1,
      per_device_train_batch_size: config.batch_size_per_device,
      gradient_accumulation_steps: rounds ?? 1,
      evaluation_strategy: 'no',
      save_strategy: 'steps',
      save_steps: saveEvery,
      save_total_limit: 1,
      learning_rate: '4e-5',
      weight_decay: 0.01,
      warmup_ratio: 0.03,
      lr_scheduler_type: 'cosine',
      logging_steps: 1,
      max_seq_length: 4096,
      do_train: 'True',
      grad_checkpoint: 'True',
      group_by_length: 'True',
      dynamic_image_size: 'True',
      use_thumbnail: 'True',
      ps_version: 'v2',
      deepspeed: 'zero_stage1_config.json',
      report_to: 'tensorboard',
    }),
  ];
}

/** What torchrun's processes are told by their environment. */
export function tuningEnvironment(
  { port }: Launch,
  pythonPath: string | undefined,
  folder: string,
): Record<string, string> {
  return {
    PYTHONPATH: [pythonPath, folder].filter(Boolean).join(':'),
    MASTER_PORT: String(port),
    TF_CPP_MIN_LOG_LEVEL: '3',
    LAUNCHER: 'pytorch',
  };
}

/** What no single key shows. */
export function checkInternVL({ extra_configs }: JobConfig): { at: string; message: string }[] {
  const { num_gpus: gpus, batch_size_per_device: perDevice = BATCH_PER_DEVICE } = extra_configs ?? {};
  if (typeof gpus !== 'number' || typeof perDevice !== 'number' || accumulation(gpus, perDevice) !== null) return [];
  return [{ at: 'extra_configs.batch_size_per_device', message: unevenBatch(gpus, perDevice) }];
}

function flags(values: Record<string, string | number>): string[] {
  return Object.entries(values).flatMap(([name, value]) => [`--${name}`, String(value)]);
}
