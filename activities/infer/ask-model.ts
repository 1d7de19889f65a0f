import { join } from 'node:path';
import type { Json } from '../../plan/plan.ts';
import type { JobResult, JobRun } from '../component.ts';
import { runEvaluation } from '../evaluate/evaluation-program.ts';
import { readEvaluation } from '../evaluate/evaluation-result.ts';
import { writeAtomically } from '../runtime/atomic.ts';
import { JobFailure } from '../runtime/failure.ts';
import { earlierRuns } from '../runtime/hand-over.ts';
import { type EnvironmentName, pythonFile } from '../runtime/paths.ts';
import { answersName, datasetsOf, namedTwice } from './answers-name.ts';
import type { Asking } from './asking-config.ts';

/** A run's answers as they come: a later run of the job goes on from them. */
const ANSWERS = 'answers.jsonl';
const ANSWERED = { kind: 'metrics' as const, pattern: '^answered (?<step>[0-9]+)/(?<total>[0-9]+) samples$' };
const PHASE = { kind: 'phase' as const, pattern: '^dj-sandbox phase: (?<phase>[a-z ]+)$' };

/** Which model is asked, and how. */
export interface AskedModel {
  kind: 'api' | 'huggingface' | 'vllm';
  /** As python/infer's program of that kind takes them. */
  options: Record<string, Json>;
  environment: EnvironmentName;
  phase: string;
  price?: { input: number; output: number } | null;
  env?: Record<string, string>;
}

/** What python/infer/main.py writes. */
interface Told {
  samples: number;
  answered: number;
  failed: number;
  /** Answers that ended at the limit of their length. */
  cut_off: number;
  requests: number;
  retries: number;
  /** Answers of which nobody told the tokens. */
  unmetered: number;
  prompt_tokens: number | null;
  completion_tokens: number | null;
  cost: number | null;
  first_failure: string | null;
  notes: string[];
  versions: Record<string, string>;
}

/** Asks a model about all samples; the results are the paths of the datasets with its answers. What earlier runs of the job were told is not asked again. */
export async function askModel(
  run: JobRun,
  config: Asking,
  { kind, options, environment, phase, price = null, env = {} }: AskedModel,
): Promise<JobResult> {
  const { extra_configs: extra } = run.config;
  const [twice] = namedTwice(extra);
  if (twice) throw new JobFailure(twice.message);
  const datasets = datasetsOf(extra);
  const outputs = datasets.map(path => join(config.export_path, answersName(path)));
  const [request, result] = [join(run.dir, 'infer-request.json'), join(run.dir, 'infer-result.json')];
  await writeAtomically(
    request,
    JSON.stringify({
      ...{ kind, options, datasets, outputs, price, result },
      build_messages_func: config.build_messages_func,
      parse_output_func: config.parse_output_func,
      func_kwargs: config.func_kwargs ?? {},
      infer_res_key: config.infer_res_key,
      answers: join(run.dir, ANSWERS),
      earlier: (await earlierRuns(run.dir)).map(folder => join(folder, ANSWERS)),
    }),
  );
  const { python, env: own } = await run.environment(config, environment);
  await runEvaluation(run, {
    argv: [...python, pythonFile('infer', 'main.py'), request],
    unit: 'sample',
    phase,
    patterns: [ANSWERED, PHASE],
    env: { ...own, ...env },
  });
  const told = (await readEvaluation(result)) as Told;
  return {
    results: outputs.length === 1 ? [{ path: outputs[0]! }] : [{ paths: outputs }],
    metrics: metricsOf(told),
    versions: told.versions,
    notes: [...told.notes, ...notesOf(told)],
  };
}

/** What the model or its server did not tell is not there. */
function metricsOf({ samples, answered, failed, cut_off, requests, retries, ...told }: Told): Record<string, number> {
  const { prompt_tokens, completion_tokens, cost } = told;
  const tokens = prompt_tokens !== null && completion_tokens !== null ? prompt_tokens + completion_tokens : null;
  const perhaps = Object.entries({ prompt_tokens, completion_tokens, total_tokens: tokens, cost });
  return {
    ...{ samples, answered, failed, cut_off, requests, retries },
    ...(Object.fromEntries(perhaps.filter(([, value]) => value !== null)) as Record<string, number>),
  };
}

function notesOf({ samples, answered, failed, cut_off, unmetered, first_failure, prompt_tokens }: Told): string[] {
  const notes = [`${answered} of ${samples} samples answered`];
  if (first_failure !== null) notes.push(`${failed} samples have no answer (null); the first: ${first_failure}`);
  if (cut_off > 0) notes.push(`${cut_off} answers ended at the limit of their length: raise max_tokens`);
  if (unmetered > 0 && prompt_tokens !== null)
    notes.push(`tokens and cost are those of ${answered - unmetered} answers: of the others nobody told them`);
  return notes;
}
