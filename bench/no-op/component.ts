import { z } from 'zod';
import { defineComponent } from '../../activities/component.ts';

/** A job that does nothing: what is left is what a job costs. */
export const noOp = defineComponent({
  name: 'bench.no-op',
  hook: 'NoOpHook',
  version: 1,
  summary: 'Does nothing; its metric is the value that it is given.',
  resources: { tag: 'no-op', gpus: 0 },
  claims: false,
  cacheable: true,
  config: { extra: z.strictObject({ value: z.number() }) },
  reads: [],
  writes: [],
  results: [],
  run: async ({ config }) => ({ results: [], metrics: { value: Number(config.extra_configs?.value) } }),
});

/** A config of so many of them, one after another. */
export function noOpConfig(jobs: number, workDir: string) {
  const job = (i: number) => ({ hook: noOp.hook, meta_name: `job-${i + 1}`, extra_configs: { value: 0 } });
  return {
    project_name: 'bench',
    experiment_name: 'no-op',
    work_dir: workDir,
    execution_job_configs: Array.from({ length: jobs }, (_, i) => job(i)),
  };
}

/** What makes the jobs of a trial others than those of any other: nothing is found done. */
export const noOpValues = (jobs: number, value: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: jobs }, (_, i) => [`job-${i + 1}.extra_configs.value`, value]));
