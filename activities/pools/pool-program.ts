import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Json } from '../../plan/plan.ts';
import type { JobResult, JobRun } from '../component.ts';
import { writeAtomically } from '../runtime/atomic.ts';
import { restarting } from '../runtime/durably.ts';
import { lockedPython } from '../runtime/environments/locked.ts';
import { JobFailure } from '../runtime/failure.ts';
import { pythonFile } from '../runtime/paths.ts';
import type { LogPattern } from '../runtime/program-spec.ts';
import { datasetsAt, memoryOf, namedTwice, type PoolDataset } from './pool-config.ts';

/** python/pools/progress.py writes `[sorting by text_len] 2000/5000 samples`. */
const PATTERNS: LogPattern[] = [
  { kind: 'phase', pattern: '^\\[(?<phase>.+)\\] [0-9/]+ samples$' },
  { kind: 'metrics', pattern: '\\] (?<step>[0-9]+)(?:/(?<total>[0-9]+))? samples$' },
];
/** More would crowd out what else a job tells. */
const MOST_COUNTS = 64;

/** An operation of python/pools and its own options. */
export interface PoolRequest {
  operation: string;
  options: Record<string, Json>;
  /** Default: what `dataset_path` names, which must then have different file names. */
  datasets?: PoolDataset[];
}

interface Outcome {
  failed?: string;
  made: { path: string; rows: number }[];
  samples_in: number;
  notes: string[];
  versions: Record<string, string>;
}

/** Runs an operation on pools in the folder that `export_path` names; the results are the pools' paths, in the operation's order. */
export async function runPools(run: JobRun, { operation, options, datasets }: PoolRequest): Promise<JobResult> {
  const extra = run.config.extra_configs;
  const [twice] = datasets ? [] : namedTwice(extra);
  if (twice) throw new JobFailure(twice.message);
  const [request, result] = [join(run.dir, 'pools-request.json'), join(run.dir, 'pools-result.json')];
  const asked = {
    operation,
    datasets: datasets ?? datasetsAt(extra),
    folder: extra?.export_path,
    scratch: join(run.dir, 'scratch'),
    memory: memoryOf(extra),
    options,
  };
  await writeAtomically(request, JSON.stringify(asked));
  await run.program({
    argv: [lockedPython('pools'), pythonFile('pools', 'main.py'), request, result],
    cwd: run.dir,
    env: { PYTHONUNBUFFERED: '1' },
    patterns: PATTERNS,
    unit: 'sample',
    ...restarting(run.job),
  });
  const outcome = JSON.parse(await readFile(result, 'utf8')) as Outcome;
  if (outcome.failed !== undefined) throw new JobFailure(outcome.failed);
  const paths = outcome.made.map(({ path }) => path);
  const rows = Object.fromEntries(outcome.made.map(each => [`rows.${basename(each.path)}`, each.rows]));
  return {
    results: paths.length === 1 ? [{ path: paths[0]! }] : [{ paths }],
    metrics: {
      pools: paths.length,
      samples_in: outcome.samples_in,
      samples_out: outcome.made.reduce((sum, each) => sum + each.rows, 0),
      ...(paths.length <= MOST_COUNTS ? rows : {}),
    },
    versions: outcome.versions,
    notes: [rowsNote(outcome), ...outcome.notes],
  };
}

/** Rows in and out in one sentence. */
function rowsNote({ made, samples_in }: Outcome): string {
  const rows = made.map(each => each.rows);
  const out = rows.reduce((sum, each) => sum + each, 0);
  const pools = rows.length === 1 ? '1 pool' : `${rows.length} pools of ${Math.min(...rows)} to ${Math.max(...rows)}`;
  return `${samples_in} samples in, ${out} out in ${pools}`;
}
