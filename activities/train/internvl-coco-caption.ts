import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ENVIRONMENT_NOT_IN_KEY, ENVIRONMENT_READS } from '../../plan/environment.ts';
import { logPatterns } from '../command/log-formats.ts';
import { stepSummary } from '../command/step-summary.ts';
import { defineComponent, type JobRun } from '../component.ts';
import { writeAtomically } from '../runtime/atomic.ts';
import { durably } from '../runtime/durably.ts';
import { JobFailure } from '../runtime/failure.ts';
import type { ProgramSpec } from '../runtime/program-spec.ts';
import {
  accumulation,
  checkInternVL,
  type InternVLTraining,
  internvlTrainSchema,
  type Launch,
  type Tuning,
  tuningCommand,
  tuningEnvironment,
  tuningsOf,
  unevenBatch,
} from './internvl-config.ts';
import { masterPort } from './master-port.ts';
import { shellScript } from './shell-script.ts';
import { checkTransformersModel } from './transformers-model.ts';

/** Its own are copies that the supervisor made; InternVL keeps one. */
const KEPT = 2;
const SAVE_EVERY = 200;

/** TrainModelHook `internvl_coco_caption`: InternVL's own fine-tuning on COCO captions, a meta file after the other. */
export const trainInternVL = defineComponent({
  name: 'train.internvl-coco-caption',
  hook: 'TrainModelHook',
  type: 'internvl_coco_caption',
  version: 1,
  summary: 'fine-tunes an InternVL2 on COCO captions, once a meta file; the result is the list of their model folders',
  resources: { tag: 'gpu', gpus: 1 },
  gpus: ({ extra_configs }) => (typeof extra_configs?.num_gpus === 'number' ? extra_configs.num_gpus : null),
  claims: true,
  cacheable: true,
  config: { extra: internvlTrainSchema },
  reads: [
    { at: 'extra_configs.meta_paths', kind: 'file' },
    { at: 'extra_configs.model_name_or_path', kind: 'model', hub: true },
    {
      at: 'extra_configs.internvl_home',
      kind: 'directory',
      content: ['internvl_chat/internvl', 'internvl_chat/zero_stage1_config.json'],
    },
    ...ENVIRONMENT_READS,
  ],
  writes: [
    { at: 'extra_configs.work_dir', kind: 'directory' },
    { at: 'extra_configs.script_dir', kind: 'directory' },
  ],
  results: [{ value: 'paths' }],
  // InternVL keeps no step of its own to stop at: it is ended after the checkpoint that comes next.
  steps: {
    sums: metric => /^(?:first|last)_(.+)$/.exec(metric)?.[1],
    waits: ({ extra_configs }) => [extra_configs?.['meta_paths'] ?? []].flat().length === 1,
  },
  notInKey: ['extra_configs.num_gpus', ...ENVIRONMENT_NOT_IN_KEY],
  check: checkInternVL,

  async run(run) {
    const config = internvlTrainSchema.parse(run.config.extra_configs);
    const tunings = tuningsOf(config);
    const metrics: Record<string, number> = {};
    const paths: string[] = [];
    for (const tuning of tunings) {
      const { output, summary } = await tune(run, config, tuning);
      paths.push(output);
      const before = tunings.length === 1 ? '' : `${tuning.name}.`;
      for (const [name, value] of Object.entries(summary)) metrics[before + name] = value;
    }
    return { results: [{ paths }], metrics };
  },
});

/** One training: its folder, and what its log says of it. Throws JobFailure where it cannot begin, fails, or leaves no model. */
async function tune(run: JobRun, config: InternVLTraining, { name, meta }: Tuning) {
  const home = join(config.internvl_home, 'internvl_chat');
  checkHome(home);
  const launch: Launch = { gpus: Math.max(1, run.devices.length), port: masterPort(`${run.job.key ?? ''}/${name}`) };
  if (accumulation(launch.gpus, config.batch_size_per_device) === null)
    throw new JobFailure(unevenBatch(launch.gpus, config.batch_size_per_device));
  const output = join(config.work_dir, name);
  await mkdir(output, { recursive: true });
  const { before, env } = await run.environment(config);
  const durable = durably(run.job, { dir: join(run.dir, `checkpoints-${name}`), canStopOnRequest: false });
  const { every } = durable.checkpoints;
  const saveEvery = every && 'steps' in every ? every.steps : SAVE_EVERY;
  const command = tuningCommand(config, meta, output, launch, saveEvery);
  const own = tuningEnvironment(launch, process.env.PYTHONPATH, home);
  await writeAtomically(join(config.script_dir, `${name}.sh`), shellScript(home, own, command));
  const spec: ProgramSpec = {
    argv: [...before, ...command],
    cwd: home,
    env: { ...env, ...own, PYTHONUNBUFFERED: '1' },
    patterns: logPatterns({ log: 'huggingface' }),
    stepFollows: true,
    unit: 'step',
    phase: `fine-tuning on ${name}`,
    failOnNaN: true,
    checkpoints: {
      ...durable.checkpoints,
      keep: durable.checkpoints.keep ?? KEPT,
      seal: { from: output, pattern: 'checkpoint-(?<step>[0-9]+)' },
      resumeArgs: ['--resume_from_checkpoint', '{checkpoint}'],
    },
    restarts: durable.restarts,
  };
  const end = await run.program(spec);
  await checkTransformersModel(output, 'internvl_chat_finetune.py');
  return { output, summary: await stepSummary(end.metrics) };
}

function checkHome(home: string): void {
  const missing = ['internvl/train/internvl_chat_finetune.py', 'zero_stage1_config.json'].find(
    name => !existsSync(join(home, name)),
  );
  if (missing !== undefined)
    throw new JobFailure(`${join(home, missing)} is not there: internvl_home must be the folder of InternVL`);
}
