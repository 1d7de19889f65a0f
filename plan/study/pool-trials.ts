// The sandbox configs of the trials that make a study's data: jobs like any others, so that they are kept, found again and shared.
import type { JsonObject } from '../plan.ts';
import type { StudyOpened } from '../protocol.ts';
import type { Step } from './memory.ts';
import { fullPool, sampledPool } from './places.ts';

/** `meta_name` of a step's job, by which its result is found. */
export const ANALYSIS = 'analyse';
export const jobOf = ({ step }: Step): string => step;

/** What a step's trial runs. Its results are found by their order, since another study may have made them under other names. */
export function stepConfig(step: Step, { spec, project, experiment, workDir, dir }: StudyOpened): JsonObject {
  const made = `${dir}/made`;
  const pools = (extra: JsonObject, input?: JsonObject): JsonObject => ({
    hook: 'DataPoolManipulationHook',
    meta_name: jobOf(step),
    output: 'pools',
    ...(input && { input }),
    extra_configs: { export_path: made, ...extra },
  });
  const config = (lists: JsonObject): JsonObject => ({
    project_name: project,
    experiment_name: `${experiment} pools`,
    work_dir: workDir,
    ...lists,
  });
  const seed = { shuffle_seed: spec.sampleSeed };
  switch (step.step) {
    case 'split':
      return config({
        probe_job_configs: [
          {
            hook: 'ProbeViaAnalyzerHook',
            meta_name: ANALYSIS,
            output: 'analysed',
            dj_configs: {
              ...spec.recipe.analysis,
              export_original_dataset: true,
              export_path: `${made}/analysed.jsonl`,
            },
          },
        ],
        execution_job_configs: [
          pools(
            {
              type: 'data_pool_construction',
              dataset_path: '<filled by input>',
              ...(spec.splitRatios && { split_ratios: spec.splitRatios }),
            },
            { 'extra_configs.dataset_path': `anonymous.${ANALYSIS}.analysed` },
          ),
        ],
      });
    case 'sample':
      return config({
        execution_job_configs: [
          pools({
            type: 'data_pool_downsampling',
            dataset_path: step.ids.map(id => fullPool(dir, id)),
            target_num_samples: step.samples,
            ...seed,
          }),
        ],
      });
    case 'combine':
      return config({
        execution_job_configs: [
          pools({ type: 'data_pool_combination', dataset_path: step.ids.map(id => fullPool(dir, id)) }),
        ],
      });
    case 'repeat':
      return config({
        execution_job_configs: [
          pools({
            type: 'data_pool_duplication',
            dataset_path: sampledPool(dir, step.samples, step.id),
            duplicating_times: step.times,
            shuffle: true,
            ...seed,
          }),
        ],
      });
  }
}

/** What the Web UI calls a step. */
export function stepTitle(step: Step): string {
  switch (step.step) {
    case 'split':
      return 'analyse the data and cut it by each stat';
    case 'sample':
      return `bring ${step.ids.length} pools to ${step.samples} samples`;
    case 'combine':
      return `intersect ${step.ids.join(', ')}`;
    case 'repeat':
      return `repeat ${step.id} ${step.times.map(times => `×${times}`).join(', ')}`;
  }
}
