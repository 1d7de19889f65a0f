import { extname, join } from 'node:path';
import { z } from 'zod';
import type { JobConfig, ReadField } from '../../plan/component.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { didYouMean } from '../../plan/suggest.ts';
import type { JobRun } from '../component.ts';
import { type DataJuicerRequest, type DataJuicerResult, dataJuicer } from '../runtime/data-juicer-host.ts';
import { JobFailure } from '../runtime/failure.ts';
import { earlierRuns } from '../runtime/hand-over.ts';

/** A Data-Juicer recipe; its ops and arguments are checked against the op catalogue. */
export const recipeSchema = z.looseObject({
  dataset_path: z.string().optional().describe('Dataset that the ops get'),
  export_path: z.string().min(1).optional().describe('File for what they make: .jsonl, .json or .parquet'),
  executor_type: z.string().optional().describe('`default`, or `ray` and `ray_partitioned` on Ray'),
  ray_address: z.string().min(1).optional().describe("A Ray cluster; absent: a Ray of the job's own"),
  np: z.int().positive().optional().describe('Processes at a time'),
});

const MEMORY = /^\s*(\d+(?:\.\d+)?)\s*([kmgt])(i?)b\s*$/i;

/** What `extra_configs` of every job with a recipe may say of a Ray of the job's own. */
export const rayKeys = {
  object_store_memory: z
    .string()
    .regex(MEMORY, 'must be a size such as "1GB" or "512MiB"')
    .optional()
    .describe(
      'Shared memory for datasets on their way from op to op, such as `2GB`; what does not fit goes to disk. Default 1 GiB',
    ),
};

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
  'ray_address',
  'resume',
  'partition',
  'partition_size',
  'partition_dir',
]
  .map(key => `dj_configs.${key}`)
  .concat('extra_configs.object_store_memory');

/** What every recipe reads. */
export const RECIPE_READS: ReadField[] = [
  { at: 'dj_configs.dataset_path', kind: 'dataset' },
  // Files or folders of the user's own ops.
  { at: 'dj_configs.custom_operator_paths', kind: 'model' },
];

const EXPORT_TYPES = ['jsonl', 'json', 'parquet'];
const EXECUTORS = ['default', 'ray', 'ray_partitioned'];
/** What Data-Juicer's readers on Ray know by a file's name; a folder or a name without ending is looked at when the job runs. */
const READ_ON_RAY = /(?:\.(?:jsonl?(?:\.gz|\.zst)?|csv|txt|parquet)|\/[^./]*|^[^./]*)$/i;

/** What a compiled recipe must say beyond its ops. */
export function checkRecipeJob({ dj_configs }: JobConfig): { at: string; message: string }[] {
  const problems: { at: string; message: string }[] = [];
  const executor = dj_configs?.executor_type ?? 'default';
  if (!EXECUTORS.includes(String(executor))) {
    const message = `${JSON.stringify(executor)} is no executor of Data-Juicer's; ${didYouMean(String(executor), EXECUTORS)}`;
    problems.push({ at: 'dj_configs.executor_type', message });
  }
  const from = dj_configs?.dataset_path;
  if (executor !== 'default' && typeof from === 'string' && !READ_ON_RAY.test(from)) {
    const message = `Data-Juicer on Ray reads .jsonl, .json, .parquet, .csv and .txt; convert ${from}, or use executor_type: default`;
    problems.push({ at: 'dj_configs.dataset_path', message });
  }
  if (executor === 'default' && dj_configs?.ray_address !== undefined) {
    const message = 'the job does not run on Ray: set executor_type: ray or ray_partitioned, or leave ray_address out';
    problems.push({ at: 'dj_configs.ray_address', message });
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
  const { dj_configs: recipe, extra_configs: extra } = run.config;
  if (recipe === null) throw new JobFailure(`${run.job.id} has no recipe: set dj_configs`);
  return await dataJuicer({
    action,
    recipe: recipe as JsonObject,
    log: run.log,
    scratch: scratchOf(run.dir),
    options: {
      ...options,
      earlier: (await earlierRuns(run.dir)).map(scratchOf),
      ...(typeof extra?.object_store_memory === 'string' && { objectStoreMemory: bytesOf(extra.object_store_memory) }),
    },
    signal: run.signal,
    onProgress: run.progress,
  });
}

/** Data-Juicer's own folder of a run: its caches, logs and checkpoints. */
const scratchOf = (run: string): string => join(run, 'data-juicer');

/** `512MiB` → 536870912, `1GB` → 1000000000. */
function bytesOf(size: string): number {
  const [, number = '0', prefix = 'k', binary] = MEMORY.exec(size) ?? [];
  return Math.round(Number(number) * (binary ? 1024 : 1000) ** (1 + 'kmgt'.indexOf(prefix.toLowerCase())));
}

/** Notes and counts that both kinds of job publish. */
export function countsOf(result: DataJuicerResult): Record<string, number> {
  const counts: Record<string, number> = { samples_in: result.samplesIn, samples_out: result.samplesOut };
  for (const { op, kept } of result.kept) counts[`kept.${op}`] = kept;
  if (result.failed > 0) counts.samples_failed = result.failed;
  return counts;
}
