import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, it } from 'vitest';
import { controlActivities } from '../../../activities/control/index.ts';
import { writePlan } from '../../../activities/runtime/plan-file.ts';
import { runJob } from '../../../activities/runtime/run-job.ts';
import type { Json } from '../../../plan/plan.ts';
import type { IterationEnd } from '../../../plan/protocol.ts';
import { jobOnDisk, services, testComponent } from '../../support/job-on-disk.ts';

const control = controlActivities({} as Client);
const score = { job: 'p.1-a', output: 'score', nested: [] };

/** Ends an iteration of one job that made `value`, which a target judges and the next iteration takes. */
async function ended(value: Json, skipped: string[] = []): Promise<IterationEnd & { context: unknown }> {
  const { workDir, ref, plan } = await jobOnDisk();
  const iterated = await writePlan(join(workDir, 'plan.json'), {
    ...plan,
    iterTargets: [{ key: 'p.a.score', ref: score, op: '>', value: 1 }],
    iterUpdater: [{ from: 'p.a.score', ref: score, to: 'p.a.extra_configs.seed' }],
  });
  const component = testComponent({ run: async () => ({ results: [{ value }] }) });
  await runJob(component, { ...ref, plan: iterated }, services());
  const args = { plan: iterated, trial: ref.trial, skipped };
  const end = (await new MockActivityEnvironment().run(control.finishIteration, args)) as IterationEnd;
  const { context } = JSON.parse(await readFile(join(workDir, 'trials', 't', 'context.json'), 'utf8'));
  return { ...end, context };
}

it('an iteration that ends gathers its results, judges its targets and hands values on', async () => {
  expect(await ended(3)).toEqual({
    targetsMet: true,
    targets: [{ target: 'p.a.score > 1', value: 3, met: true }],
    iterValues: { 'p.a.extra_configs.seed': 3 },
    context: { p: { a: { score: 3 } } },
  });
});

it('a skipped job has no results, although an earlier trial made some', async () => {
  expect(await ended(3, ['p.1-a'])).toMatchObject({ targetsMet: false, iterValues: {}, context: {} });
});

it('a value that is too large for the workflow is not handed on, with what to do instead', async () => {
  await expect(ended('x'.repeat(100_000))).rejects.toMatchObject({
    type: 'ConfigError',
    nonRetryable: true,
    message: expect.stringMatching(/p\.a\.score has 98 KiB.*hand its path on/),
  });
});
