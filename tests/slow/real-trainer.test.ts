import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageRoot, sandboxHome } from '../../activities/runtime/paths.ts';
import { jobsOf, type Plan } from '../../plan/plan.ts';
import type { TrialProgress } from '../../plan/protocol.ts';
import { findVictims, send, type Victim } from '../soak/processes.ts';
import { until } from '../soak/scenario.ts';
import { type RealSandbox, startRealSandbox } from '../support/real-sandbox.ts';

const STEPS = 24;
const CHECKPOINT_EVERY = 5;
/** Seconds on a free machine; other tests may want it too. */
const LIMIT_MS = 1_500_000;

let sandbox: RealSandbox;
beforeAll(async () => {
  sandbox = await startRealSandbox();
});
afterAll(() => sandbox?.stop());

/** Converts the clips and trains the small EasyAnimate model; trials share no results. */
async function startTraining(id: string): Promise<void> {
  const folder = join(sandbox.folder, id);
  await mkdir(folder, { recursive: true });
  const config = join(folder, 'sandbox.yaml');
  await writeFile(
    config,
    `project_name: kills
experiment_name: ${id}
work_dir: ${folder}/work
execution_job_configs:
  - hook: GeneralDataExecutorHook
    meta_name: convert
    output: meta
    extra_configs:
      type: dj_to_easyanimate_video_dataset_conversion
      dataset_path: ${join(sandboxHome(), 'clips', 'clips.jsonl')}
      export_path: ${folder}/ea/
  - hook: TrainModelHook
    meta_name: train
    input: {extra_configs.train.dataset_path.dataset_meta_name: '-1.meta'}
    output: lora
    extra_configs: configs/text-to-video/model_train.yaml
    local:
      extra_configs.train.model_path.pretrained_model_name_or_path: ${join(sandboxHome(), 'models', 'easyanimate-small')}
      extra_configs.train.training_config.max_train_steps: ${STEPS}
      extra_configs.train.training_config.checkpointing_steps: ${CHECKPOINT_EVERY}
      extra_configs.train.saving_config.output_dir: ${folder}/models
`,
  );
  const input = { config, baseDir: packageRoot() };
  await sandbox.client.workflow.start('sandboxTrial', { taskQueue: 'sandbox', workflowId: id, args: [input] });
}

/** Newest step in the metrics of a trial's training; 0 before there is one. */
async function stepOf(id: string): Promise<number> {
  const { plan: ref } = await sandbox.client.workflow.getHandle(id).query<TrialProgress>('progress');
  if (!ref) return 0;
  const plan = JSON.parse(await readFile(ref.path, 'utf8')) as Plan;
  const { key } = jobsOf(plan).find(job => job.metaName === 'train')!;
  const metrics = join(plan.workDir, 'jobs', key!, 'epoch-1', 'metrics.jsonl');
  const lines = (await readFile(metrics, 'utf8').catch(() => '')).split('\n').filter(Boolean);
  return lines.map(line => (JSON.parse(line) as { step?: number }).step ?? 0).at(-1) ?? 0;
}

async function loraOf(id: string): Promise<string> {
  expect(await sandbox.client.workflow.getHandle(id).result()).toMatchObject({ state: 'done' });
  const bytes = await readFile(join(sandbox.folder, id, 'models', `checkpoint-${STEPS}.safetensors`));
  return createHash('sha256').update(bytes).digest('hex');
}

it(
  'a real training whose trainer is killed, then its supervisor, then its trainer again, makes the same bytes as an undisturbed one',
  async ({ task }) => {
    // A second try finds the trials of the first.
    const [straight, killed] = ['undisturbed', 'killed'].map(name => `${name}-${task.result?.retryCount ?? 0}`) as [
      string,
      string,
    ];
    await startTraining(straight);
    const undisturbed = await loraOf(straight);
    await startTraining(killed);
    const deaths: [number, Victim][] = [
      [7, 'trainer'],
      [13, 'supervisor'],
      [18, 'trainer'],
    ];
    for (const [step, victim] of deaths) {
      await until(`step ${step}`, async () => (await stepOf(killed)) >= step, LIMIT_MS);
      const pids = await findVictims(join(sandbox.folder, killed), victim, 60_000);
      expect(pids).not.toEqual([]);
      for (const pid of pids) send(pid, 'SIGKILL');
    }
    expect(await loraOf(killed)).toBe(undisturbed);
    const trial = await sandbox.client.workflow.getHandle(killed).query<TrialProgress>('progress');
    const plan = JSON.parse(await readFile(trial.plan!.path, 'utf8')) as Plan;
    const { key } = jobsOf(plan).find(job => job.metaName === 'train')!;
    const segments = JSON.parse(await readFile(join(plan.workDir, 'jobs', key!, 'epoch-1', 'segments.json'), 'utf8'));
    console.log(JSON.stringify(segments));
  },
  LIMIT_MS,
);
