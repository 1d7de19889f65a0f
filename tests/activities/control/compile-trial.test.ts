import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { controlActivities } from '../../../activities/control/index.ts';
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
