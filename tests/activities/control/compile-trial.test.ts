import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { controlActivities } from '../../../activities/control/index.ts';
import { packageRoot } from '../../../activities/runtime/paths.ts';
import { readPlan } from '../../../activities/runtime/plan-file.ts';
import type { JsonObject } from '../../../plan/plan.ts';
import type { CompileArgs, TrialSkeleton } from '../../../plan/protocol.ts';

const control = controlActivities({} as Client);
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'compile-'));
  await writeFile(join(folder, 'data.jsonl'), '{"text": "a"}\n');
});

function probes(names: string[], more: JsonObject = {}): JsonObject {
  return {
    work_dir: join(folder, 'w'),
    probe_job_configs: names.map(name => ({
      hook: 'ProbeViaAnalyzerHook',
      meta_name: name,
      dj_configs: { dataset_path: join(folder, 'data.jsonl'), process: [{ text_length_filter: { min_len: 1 } }] },
    })),
    ...more,
  };
}

async function compiled(config: JsonObject, more: Partial<CompileArgs> = {}): Promise<TrialSkeleton> {
  const args = { input: { config, baseDir: folder }, trial: { id: 't', runId: 'r' }, iteration: 1, ...more };
  return await new MockActivityEnvironment().run(control.compileTrial, args);
}

describe('a plan', () => {
  it('that is compiled for a change leaves the plan alone that the trial runs by', async () => {
    const first = await compiled(probes(['a']));
    const changed = await compiled(probes(['a', 'b']), { changed: true });
    expect((await readPlan(first.plan)).pipelines[0]?.stages[0]?.jobs).toHaveLength(1);
    expect((await readPlan(changed.plan)).pipelines[0]?.stages[0]?.jobs).toHaveLength(2);
    expect(first.plan.path).toBe(join(folder, 'w', 'trials', 't', 'plan-1.json'));
  });

  it('of a trial whose id is a path stays below trials/', async () => {
    await compiled(probes(['a']), { trial: { id: '../../up', runId: 'r' } });
    expect((await readdir(folder)).sort()).toEqual(['data.jsonl', 'w']);
    expect(await readdir(join(folder, 'w'))).not.toContain('up');
  });

  it('that cannot be written fails with a sentence instead of being tried for ever', async () => {
    await expect(compiled(probes(['a'], { work_dir: join(folder, 'data.jsonl', 'w') }))).rejects.toMatchObject({
      type: 'ConfigError',
      nonRetryable: true,
      message: expect.stringMatching(/^a file stands where a folder is to be \(ENOTDIR: .*\): choose/),
    });
  });

  it('of 200 jobs is a payload that the server takes, and one of names that are too long together is refused', async () => {
    const names = Array.from({ length: 200 }, (_, i) => `job-${i}`);
    expect(JSON.stringify(await compiled(probes(names))).length).toBeLessThan(128 * 1024);
    await expect(compiled(probes(names.map(name => name + 'x'.repeat(2_000))))).rejects.toMatchObject({
      type: 'ConfigError',
      message: expect.stringContaining('200 jobs with their names make'),
    });
  });

  it('with hundreds of long errors tells the first ones in less than 64 KiB', async () => {
    const bad = Array.from({ length: 200 }, (_, i) => ({ hook: `${'H'.repeat(5_000)}${i}` }));
    const error = await compiled({ probe_job_configs: bad }).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ type: 'ConfigError', message: expect.stringContaining('more') });
    expect(JSON.stringify(error).length + (error as Error).message.length).toBeLessThan(64 * 1024);
  });
});

describe('a trial of a sweep', () => {
  const rungs = { metric: 'train.last_loss', goal: 'minimize' as const, steps: [5, 10], waits: true };
  const trains = () => ({
    work_dir: join(folder, 'w'),
    execution_job_configs: [
      {
        hook: 'TrainModelHook',
        meta_name: 'train',
        extra_configs: {
          type: 'easyanimate',
          easyanimate_home: join(packageRoot(), 'python', 'easyanimate-small'),
          train: {
            model_path: { pretrained_model_name_or_path: 'alibaba-pai/model' },
            dataset_path: { dataset_name: '', dataset_meta_name: join(folder, 'data.jsonl') },
            training_config: { sample_size: 32, batch_size_per_gpu: 1, num_train_epochs: 1, seed: 1 },
            saving_config: { output_dir: join(folder, 'models') },
          },
        },
      },
    ],
  });
  const input = (config: JsonObject, more = rungs) => ({
    input: { config, baseDir: folder, sweep: { id: 's', trial: 1, rungs: more } },
  });

  it('publishes nothing where its config says, and tells rungs of the metric that a result sums up', async () => {
    const { jobs, plan } = await compiled(trains(), input(trains()));
    expect((await readPlan(plan)).publishNamed).toBe(false);
    expect(jobs.map(job => job.rungs)).toEqual([{ ...rungs, metric: 'loss' }]);
    const later = await compiled(trains(), { ...input(trains()), iteration: 2 });
    expect(later.jobs[0]).not.toHaveProperty('rungs');
  });

  it('that names no training is refused', async () => {
    const asked = compiled(probes(['a']), input(probes(['a'])));
    await expect(asked).rejects.toMatchObject({
      type: 'ConfigError',
      message: 'rungs: metric train.last_loss: no job has such a meta_name; there are: a',
    });
  });

  it('without cache has keys of its own', async () => {
    const keys = async (more: object) =>
      (await compiled(probes(['a']), { input: { config: probes(['a']), baseDir: folder, ...more } })).jobs[0]?.key;
    expect(await keys({})).toBe(await keys({ cache: true }));
    expect(await keys({ cache: false })).not.toBe(await keys({}));
  });
});
