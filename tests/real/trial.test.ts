import { copyFile, mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot, sandboxHome } from '../../activities/runtime/paths.ts';
import type { Manifest } from '../../plan/manifest.ts';
import type { Plan } from '../../plan/plan.ts';
import type { TrialProgress, TrialResult } from '../../plan/protocol.ts';
import { type RealSandbox, startRealSandbox } from '../support/real-sandbox.ts';

const TEXT = 'configs/demo/sandbox-text.yaml';

let sandbox: RealSandbox;
beforeAll(async () => {
  sandbox = await startRealSandbox();
});
afterAll(() => sandbox?.stop());

/** A sandbox config in a folder of its own; outputs go below it. */
async function configIn(name: string, yaml: string): Promise<string> {
  const folder = join(sandbox.folder, name);
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'sandbox.yaml');
  await writeFile(path, yaml.replaceAll('FOLDER', folder));
  return path;
}

async function progressOf(id: string): Promise<TrialProgress> {
  return await sandbox.client.workflow.getHandle(id).query<TrialProgress>('progress');
}

/** Waits until a trial is where a test wants it. */
async function until(id: string, wanted: (progress: TrialProgress) => boolean): Promise<TrialProgress> {
  for (;;) {
    const progress = await progressOf(id).catch(() => null);
    if (progress && wanted(progress)) return progress;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

describe('a text trial on the real server and the real Data-Juicer', () => {
  it('runs from a plain `temporal workflow start` to its published results', async () => {
    const workDir = join(sandbox.folder, 'plain');
    const input = JSON.stringify({ config: TEXT, baseDir: packageRoot(), workDir });
    await execa(join(sandboxHome(), 'bin', 'temporal'), [
      ...['workflow', 'start', '--address', sandbox.address, '--task-queue', 'sandbox', '--type', 'sandboxTrial'],
      ...['--workflow-id', 'plain', '--input', input],
    ]);
    const result = (await sandbox.client.workflow.getHandle('plain').result()) as TrialResult;
    expect(result).toMatchObject({ state: 'done', jobs: { run: 4, reused: 0, skipped: 0 } });
    expect(result.metrics['before.text_len.mean']).toBeGreaterThan(0);

    const plan = JSON.parse(await readFile(join(result.trialDir, 'plan-1.json'), 'utf8')) as Plan;
    const { context } = JSON.parse(await readFile(join(result.trialDir, 'context.json'), 'utf8'));
    const dataset = (await readFile(context.anonymous.filter.dataset, 'utf8')).trim().split('\n');
    expect(dataset.length).toBe(result.metrics['filter.samples_out']);
    expect(dataset.length).toBeLessThan(500);

    expect(await readdir(join(result.trialDir, 'anonymous'))).toEqual(['1-before', '2-before', '3-filter', '4-after']);
    const key = plan.pipelines[0]?.stages[0]?.jobs[0]?.key;
    expect(await readlink(join(result.trialDir, 'anonymous', '1-before'))).toMatch(new RegExp(`jobs/${key}$`));
    const manifest = JSON.parse(
      await readFile(join(result.trialDir, 'anonymous', '3-filter', 'manifest.json'), 'utf8'),
    ) as Manifest;
    expect(manifest.component).toBe('process.data-juicer');
    expect(manifest.producers).toContain(plan.pipelines[0]?.stages[1]?.jobs[0]?.key);
  });

  it('stays small: few history events, and no payload over 64 KiB', async () => {
    const history = await sandbox.client.workflow.getHandle('plain').fetchHistory();
    const events = history.events ?? [];
    expect(events.length).toBeLessThan(60);
    const sizes = events.map(event => JSON.stringify(event).length);
    expect(Math.max(...sizes)).toBeLessThan(64 * 1024);
  });

  it('is findable by its search attributes and answers queries after its end', async () => {
    const found: string[] = [];
    const query = "SandboxProject = 'text-example' AND SandboxState = 'done'";
    for (;;) {
      for await (const one of sandbox.client.workflow.list({ query })) found.push(one.workflowId);
      if (found.length > 0) break;
    }
    expect(found).toEqual(['plain']);
    expect((await progressOf('plain')).jobs.map(job => job.state)).toEqual(['done', 'done', 'done', 'done']);
  });

  it('runs nothing twice: the same config again reuses every job, and one changed argument only what follows it', async () => {
    const again = await sandbox.cli(
      'run',
      '--config',
      TEXT,
      '--work-dir',
      join(sandbox.folder, 'plain'),
      '--id',
      'again',
      '--json',
    );
    expect(again.exitCode).toBe(0);
    expect(JSON.parse(again.stdout).result).toMatchObject({ jobs: { run: 0, reused: 4 } });
    const changed = await sandbox.cli(
      ...['run', '--config', TEXT, '--work-dir', join(sandbox.folder, 'plain'), '--id', 'changed', '--json'],
      ...['--set', 'text_length_filter.min_len=300'],
    );
    expect(changed.exitCode).toBe(0);
    expect(JSON.parse(changed.stdout).result.metrics['filter.samples_out']).toBeLessThan(
      JSON.parse(again.stdout).result.metrics['filter.samples_out'],
    );
  });

  it('goes on after its worker was killed in the middle of a job', async () => {
    const workDir = join(sandbox.folder, 'killed');
    const handle = await sandbox.client.workflow.start('sandboxTrial', {
      taskQueue: 'sandbox',
      workflowId: 'killed',
      args: [{ config: TEXT, baseDir: packageRoot(), workDir }],
    });
    await until('killed', progress => progress.jobs.some(job => job.id.includes('filter') && job.state === 'running'));
    for (const pid of await sandbox.workers('--tags')) process.kill(pid, 'SIGKILL');
    expect(await handle.result()).toMatchObject({ state: 'done', jobs: { run: 4 } });
  }, 600_000);
});

describe('bad input', () => {
  it('ends a trial with every error of its config, without a retry', async () => {
    const config = await configIn('bad', 'probe_job_configs:\n  - hook: ProbeViaAnalyserHook\n    dj_config: x.yaml\n');
    const checked = await sandbox.cli('run', '--config', config);
    expect(checked.exitCode).toBe(2);
    expect(checked.stderr).toMatch(/sandbox\.yaml:2:11 .*ProbeViaAnalyserHook.*ProbeViaAnalyzerHook/);
    expect(checked.stderr).toMatch(/sandbox\.yaml:3:5 .*dj_config.*dj_configs/);
    const handle = await sandbox.client.workflow.start('sandboxTrial', {
      taskQueue: 'sandbox',
      workflowId: 'bad',
      args: [{ config }],
    });
    const error = (await handle.result().catch((thrown: unknown) => thrown)) as { cause: { cause: Error } };
    expect(error.cause.cause.message).toMatch(/2:11/);
  });

  it('says within seconds which tag no worker serves, and what to start', async () => {
    const config = await configIn(
      'no-tag',
      `work_dir: FOLDER/w
probe_job_configs:
  - hook: ProbeViaAnalyzerHook
    meta_name: look
    resources: {tag: gpu-h100}
    dj_configs: {dataset_path: ${join(sandboxHome(), 'data', 'text.jsonl')}, process: [{text_length_filter: {min_len: 1}}]}
`,
    );
    await sandbox.cli('run', '--config', config, '--id', 'no-tag', '--detach');
    const progress = await until('no-tag', ({ waitingFor }) => waitingFor !== null);
    expect(progress.waitingFor).toContain('no worker serves tag gpu-h100');
    expect(progress.waitingFor).toContain('dj-sandbox worker --tags gpu-h100');
    const status = await sandbox.cli('status', 'no-tag');
    expect(status.stdout).toContain('gpu-h100');
    await sandbox.cli('stop', 'no-tag');
    expect(await sandbox.client.workflow.getHandle('no-tag').result()).toMatchObject({ state: 'stopped' });
  });

  it('names the sample and the file when a video is truncated', async () => {
    const config = await configIn(
      'truncated',
      `work_dir: FOLDER/w
probe_job_configs:
  - hook: ProbeViaAnalyzerHook
    meta_name: look
    dj_configs: {dataset_path: FOLDER/clips.jsonl, export_path: FOLDER/out.jsonl, process: [{video_duration_filter: {min_duration: 0}}]}
`,
    );
    const folder = join(sandbox.folder, 'truncated');
    const clip = join(sandboxHome(), 'clips', 'cyclist.mp4');
    await copyFile(clip, join(folder, 'good.mp4'));
    await writeFile(join(folder, 'cut.mp4'), (await readFile(clip)).subarray(0, 2000));
    const samples = ['good.mp4', 'cut.mp4'].map(video =>
      JSON.stringify({ text: '<__dj__video> a clip <|__dj__eoc|>', videos: [video] }),
    );
    await writeFile(join(folder, 'clips.jsonl'), `${samples.join('\n')}\n`);
    const run = await sandbox.cli('run', '--config', config, '--id', 'truncated');
    expect(run.exitCode).toBe(1);
    expect(run.stdout + run.stderr).toContain('cut.mp4');
  });
});

describe('a text-to-video trial with the small EasyAnimate home', () => {
  const jobs = `project_name: t2v
experiment_name: tiny
work_dir: FOLDER/w
execution_job_configs:
  - hook: GeneralDataExecutorHook
    meta_name: convert
    output: meta
    extra_configs:
      type: dj_to_easyanimate_video_dataset_conversion
      dataset_path: ${join(sandboxHome(), 'clips', 'clips.jsonl')}
      export_path: FOLDER/ea/
  - hook: TrainModelHook
    meta_name: train
    input: {extra_configs.train.dataset_path.dataset_meta_name: '-1.meta'}
    output: lora
    extra_configs: configs/text-to-video/model_train.yaml
    local:
      extra_configs.train.training_config.max_train_steps: STEPS
      extra_configs.train.saving_config.output_dir: FOLDER/models
`;
  const infer = `  - hook: InferModelHook
    meta_name: infer
    input: {extra_configs.train.model_path.lora_path: '-1.lora'}
    output: videos
    extra_configs: configs/text-to-video/model_infer.yaml
    local:
      extra_configs.train.infer_config.prompt_info_path: FOLDER/prompts.json
      extra_configs.train.saving_config.output_video_dir: FOLDER/videos
evaluation_job_configs:
  - hook: EvaluateDataHook
    meta_name: vbench
    input: {extra_configs.videos_path: '-1.videos'}
    extra_configs: configs/text-to-video/vbench_eval.yaml
`;

  it('trains, generates and scores, with live metrics on disk and steps in its heartbeats', async () => {
    const config = await configIn('t2v', (jobs + infer).replace('STEPS', '6'));
    await writeFile(
      join(sandbox.folder, 't2v', 'prompts.json'),
      JSON.stringify([{ prompt_en: 'a cyclist rides', dimension: ['temporal_flickering'] }]),
    );
    const run = await sandbox.cli('run', '--config', config, '--id', 't2v', '--json');
    expect(run.stderr + run.stdout).not.toMatch(/failed/);
    expect(run.exitCode).toBe(0);
    const { result } = JSON.parse(run.stdout) as { result: TrialResult };
    expect(result.jobs).toEqual({ run: 4, reused: 0, skipped: 0 });
    expect(result.metrics['train.steps']).toBe(6);
    expect(result.metrics['train.first_loss']).toBeGreaterThan(0);
    expect(result.metrics['vbench.detail.temporal_flickering']).toBeGreaterThan(0.5);
    const videos = (await readdir(join(sandbox.folder, 't2v', 'videos'))).filter(name => name.endsWith('.mp4'));
    expect(videos).toHaveLength(1);
    const history = await sandbox.client.workflow.getHandle('t2v').fetchHistory();
    const summaries = JSON.stringify(history.events?.map(event => event.userMetadata?.summary?.data?.toString()));
    expect(summaries).toContain('temporal_flickering');
  }, 600_000);

  it('stops its trainer with everything that it started, and frees the device', async () => {
    const config = await configIn('stopped', jobs.replace('STEPS', '5000'));
    await sandbox.cli('run', '--config', config, '--id', 'stopped', '--detach');
    const training = async () =>
      (await execa('pgrep', ['-f', join(sandbox.folder, 'stopped')], { reject: false })).stdout
        .split('\n')
        .filter(Boolean);
    await until('stopped', progress => progress.jobs.some(job => job.id.includes('train') && job.state === 'running'));
    for (;;) {
      const { raw } = await sandbox.client.workflow.getHandle('stopped').describe();
      const details = raw.pendingActivities?.[0]?.heartbeatDetails?.payloads?.[0]?.data;
      if (details && (JSON.parse(Buffer.from(details).toString()) as { step?: number }).step) break;
      await new Promise(resolve => setTimeout(resolve, 200));
    }
    expect((await training()).length).toBeGreaterThan(0);
    const asked = Date.now();
    await sandbox.cli('stop', 'stopped');
    expect(await sandbox.client.workflow.getHandle('stopped').result()).toMatchObject({
      state: 'stopped',
      jobs: { run: 1 },
    });
    expect(Date.now() - asked).toBeLessThan(60_000);
    expect(await training()).toEqual([]);
    const leases = await readdir(join(sandbox.folder, 'state'), { recursive: true });
    const newest = leases
      .filter(name => /leases.*\.\d+$/.test(name))
      .sort()
      .at(-1);
    expect(JSON.parse(await readFile(join(sandbox.folder, 'state', newest!), 'utf8')).holder).toBeNull();
  }, 600_000);
});
