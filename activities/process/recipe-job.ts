import { extname, join } from 'node:path';
import { z } from 'zod';
import type { JobConfig, ReadField } from '../../plan/component.ts';
import type { JsonObject } from '../../plan/plan.ts';
import type { JobRun } from '../component.ts';
import { type DataJuicerRequest, type DataJuicerResult, dataJuicer } from '../runtime/data-juicer-host.ts';
import { JobFailure } from '../runtime/failure.ts';

/** A Data-Juicer recipe; its ops and arguments are checked against the op catalogue. */
export const recipeSchema = z.looseObject({
  dataset_path: z.string().optional(),
  export_path: z.string().min(1).optional(),
  executor_type: z.string().optional(),
  np: z.int().positive().optional(),
});

/** Recipe keys that change how a job runs, not what it makes. */
export const NOT_IN_KEY = [
  'project_name',
  'np',
  'work_dir',
  'job_id',
  'debug',
  'use_cache',
  'ds_cache_dir',
  'cache_compress',
  'temp_dir',
  'use_checkpoint',
  'checkpoint',
  'checkpoint_dir',
  'event_logging',
  'event_log_dir',
  'use_dag',
  'turbo',
  'open_monitor',
  'open_tracer',
  'op_list_to_trace',
  'trace_num',
  'trace_keys',
  'skip_op_error',
  'strict_preflight',
  'auto_op_parallelism',
  'hpo_config',
].map(key => `dj_configs.${key}`);

/** What every recipe reads. */
export const RECIPE_READS: ReadField[] = [
  { at: 'dj_configs.dataset_path', kind: 'dataset' },
  // Files or folders of the user's own ops.
  { at: 'dj_configs.custom_operator_paths', kind: 'model' },
];

const EXPORT_TYPES = ['jsonl', 'json', 'parquet'];

/** What a compiled recipe must say beyond its ops. */
export function checkRecipeJob({ dj_configs }: JobConfig): { at: string; message: string }[] {
  const problems: { at: string; message: string }[] = [];
  const executor = dj_configs?.executor_type ?? 'default';
  if (executor !== 'default') {
    const message = `${JSON.stringify(executor)} is not supported yet; use "default"`;
    problems.push({ at: 'dj_configs.executor_type', message });
  }
  const path = dj_configs?.export_path;
  const type = dj_configs?.export_type ?? (typeof path === 'string' ? extname(path).slice(1).toLowerCase() : 'jsonl');
  if (!EXPORT_TYPES.includes(String(type))) {
    const message = `Data-Juicer exports ${EXPORT_TYPES.join(', ')}; end the path with one of them`;
    problems.push({ at: 'dj_configs.export_path', message });
  }
  return problems;
}

/** Runs a job's recipe on this worker's Data-Juicer. */
export async function runRecipe(
  run: JobRun,
  action: DataJuicerRequest['action'],
  options: DataJuicerRequest['options'],
): Promise<DataJuicerResult> {
  const recipe = run.config.dj_configs;
  if (recipe === null) throw new JobFailure(`${run.job.id} has no recipe: set dj_configs`);
  return await dataJuicer({
    action,
    recipe: recipe as JsonObject,
    log: run.log,
    scratch: join(run.dir, 'data-juicer'),
    options,
    signal: run.signal,
    onProgress: run.progress,
  });
}

/** Notes and counts that both kinds of job publish. */
export function countsOf(result: DataJuicerResult): Record<string, number> {
  const counts: Record<string, number> = { samples_in: result.samplesIn, samples_out: result.samplesOut };
  for (const { op, kept } of result.kept) counts[`kept.${op}`] = kept;
  if (result.failed > 0) counts.samples_failed = result.failed;
  return counts;
}
