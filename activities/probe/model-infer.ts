import { join } from 'node:path';
import { ENVIRONMENT_READS } from '../../plan/environment.ts';
import { defineComponent } from '../component.ts';
import { runEvaluation } from '../evaluate/evaluation-program.ts';
import { readEvaluation } from '../evaluate/evaluation-result.ts';
import { writeAtomically } from '../runtime/atomic.ts';
import { JobFailure } from '../runtime/failure.ts';
import { pythonFile } from '../runtime/paths.ts';
import {
  checkModelInfer,
  gpusWanted,
  MODEL_INFER_NOT_IN_KEY,
  modelInferRecipe,
  modelInferSchema,
  pipelineArguments,
} from './model-infer-config.ts';

/** Samples that are handed to the pipeline at a time, between two looks at how far it is. */
const CHUNK = 32;

const PROBED = { kind: 'metrics' as const, pattern: '^probed (?<step>[0-9]+)/(?<total>[0-9]+) samples$' };

/** What python/evaluate/model_infer.py writes. */
interface Summary {
  samples_in: number;
  samples: number;
  failed: number;
  first_failure: string | null;
  hard: number;
  dirty: number;
  findings: number;
  means: Record<string, number>;
  versions: Record<string, string>;
}

/** ProbeViaModelInferHook `modelscope`: what a model makes of a sample of the data, sample by sample, and which stand out. */
export const probeModelInfer = defineComponent({
  name: 'probe.model-infer',
  hook: 'ProbeViaModelInferHook',
  type: 'modelscope',
  version: 1,
  summary:
    'Asks a ModelScope pipeline about a sample of a dataset; the results are the paths of the samples with their loss, confidence and disagreement as stats, and of those that stand out, and a summary.',
  resources: { tag: 'gpu', gpus: 1 },
  claims: true,
  cacheable: true,
  config: { dj: modelInferRecipe, extra: modelInferSchema },
  recipe: true,
  reads: [
    { at: 'dj_configs.dataset_path', kind: 'dataset' },
    { at: 'extra_configs.model', kind: 'model', hub: true },
    ...ENVIRONMENT_READS,
  ],
  writes: [
    {
      at: 'dj_configs.export_path',
      kind: 'file',
      fallback: 'probed.jsonl',
      alsoMakes: named => [findingsBeside(named)],
    },
  ],
  provides: ['stats'],
  results: [{ write: 'dj_configs.export_path' }, { value: 'findings' }, { value: 'summary' }],
  notInKey: MODEL_INFER_NOT_IN_KEY,
  gpus: gpusWanted,
  check: checkModelInfer,

  async run(run) {
    const { dj_configs, extra_configs } = run.config;
    const [problem] = checkModelInfer(run.config);
    if (problem) throw new JobFailure(`${problem.at}: ${problem.message}`);
    const config = modelInferSchema.parse(extra_configs);
    const output = String(dj_configs?.export_path);
    const findings = findingsBeside(output);
    const overall = join(run.out, 'overall.csv');
    const [request, told] = [join(run.dir, 'model-infer-request.json'), join(run.dir, 'model-infer-summary.json')];
    const { label_key = null, label_map, loss_key = null, call, ...asked } = config.probe;
    await writeAtomically(
      request,
      JSON.stringify({
        dataset: dj_configs?.dataset_path,
        ratio: dj_configs?.data_probe_ratio ?? 1,
        pipeline: pipelineArguments(extra_configs),
        ...{ output, findings, overall, summary: told },
        ...{ ...asked, label_key, label_map: label_map ?? {}, loss_key, call: call ?? {} },
        ...{ chunk: CHUNK, allow_failed: config.probe.allow_failed_samples },
      }),
    );
    const { python, env } = await run.environment(config, 'modelscope');
    await runEvaluation(run, {
      argv: [...python, pythonFile('evaluate', 'model_infer.py'), request],
      env,
      unit: 'sample',
      phase: 'starting ModelScope',
      patterns: [PROBED, { kind: 'phase', pattern: '^dj-sandbox phase: (?<phase>[a-z ]+)$' }],
    });
    const { versions, means, first_failure, ...counts } = (await readEvaluation(told)) as Summary;
    const notes = [
      `${counts.samples} of ${counts.samples_in} samples probed: ${counts.hard} hard, ${counts.dirty} dirty`,
    ];
    if (first_failure !== null)
      notes.push(`the model failed on ${counts.failed} samples, which are left out; the first: ${first_failure}`);
    if (Array.isArray(dj_configs?.process) && dj_configs.process.length > 0)
      notes.push("the recipe's ops were not applied: a ProcessDataHook before this job does that");
    return {
      results: [{ path: output }, { path: findings }, { value: { ...counts, ...means } }],
      metrics: { ...counts, ...means },
      provides: { stats: overall },
      versions,
      notes,
    };
  },
});

/** `a/d.jsonl` → `a/d_findings.jsonl` */
function findingsBeside(named: string): string {
  return named.replace(/\.jsonl$/, '_findings.jsonl');
}
