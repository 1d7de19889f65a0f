import { join } from 'node:path';
import { z } from 'zod';
import { ENVIRONMENT_NOT_IN_KEY, ENVIRONMENT_READS, environmentKeys } from '../../plan/environment.ts';
import { defineComponent } from '../component.ts';
import { pythonFile } from '../runtime/paths.ts';
import { runEvaluation } from './evaluation-program.ts';
import { readEvaluation } from './evaluation-result.ts';

const schema = z.object({
  type: z.literal('dj_text_quality_classifier'),
  dataset_path: z.string().min(1).describe('Dataset of texts'),
  export_path: z.string().min(1).nullish().describe('Folder for scores.jsonl and overall.json'),
  model: z
    .string()
    .min(1)
    .default('gpt3')
    .describe("`gpt3`, `chinese`, `code`, or the folder of a classifier that Data-Juicer's tool trained"),
  tokenizer: z
    .string()
    .min(1)
    .nullish()
    .describe("sentencepiece model that the classifier's training texts were cut with; the named models know theirs"),
  text_key: z.string().min(1).default('text').describe('Dotted key of the text in a sample'),
  driver_memory: z
    .string()
    .regex(/^[1-9][0-9]*[mg]$/, 'expected a size such as 4g or 800m')
    .default('4g')
    .describe("Memory of Spark's Java process"),
  ...environmentKeys,
  launcher: z
    .object({ python: z.string().min(1).nullish() })
    .nullish()
    .describe('`python`: an interpreter that has pyspark, py-data-juicer and what its classifier imports'),
});

interface Overall extends Record<string, unknown> {
  mean: number;
  versions: Record<string, string>;
}

/** EvaluateDataHook `dj_text_quality_classifier`: Data-Juicer's quality classifier on PySpark; the result is the mean score. */
export const evaluateQualityClassifier = defineComponent({
  name: 'evaluate.quality-classifier',
  hook: 'EvaluateDataHook',
  type: 'dj_text_quality_classifier',
  version: 1,
  summary: "Scores texts with Data-Juicer's quality classifier on PySpark; the result is the mean score, 0 to 1.",
  resources: { tag: 'cpu', gpus: 0 },
  claims: false,
  cacheable: true,
  config: { extra: schema },
  reads: [
    { at: 'extra_configs.dataset_path', kind: 'dataset' },
    { at: 'extra_configs.model', kind: 'model', names: ['gpt3', 'chinese', 'code'] },
    { at: 'extra_configs.tokenizer', kind: 'file', names: ['zh.sp.model', 'code.sp.model'] },
    ...ENVIRONMENT_READS,
  ],
  writes: [{ at: 'extra_configs.export_path', kind: 'directory', fallback: 'text_quality' }],
  results: [{ value: 'score' }],
  notInKey: [...['driver_memory', 'launcher'].map(key => `extra_configs.${key}`), ...ENVIRONMENT_NOT_IN_KEY],

  async run(run) {
    const config = schema.parse(run.config.extra_configs);
    const output = config.export_path ?? join(run.out, 'text_quality');
    const { python, env } = await run.environment(config, 'quality');
    await runEvaluation(run, {
      argv: [
        ...[...python, pythonFile('evaluate', 'quality_classifier.py')],
        ...['--dataset', config.dataset_path, '--output', output, '--scratch', join(run.dir, 'spark')],
        ...['--model', config.model, '--text_key', config.text_key, '--memory', config.driver_memory],
        ...(config.tokenizer ? ['--tokenizer', config.tokenizer] : []),
      ],
      env,
      unit: 'text',
      phase: 'starting Spark',
      patterns: [{ kind: 'phase', pattern: '^dj-sandbox phase: (?<phase>[a-z ]+)$' }],
    });
    const { versions, ...numbers } = (await readEvaluation(join(output, 'overall.json'))) as Overall;
    return {
      results: [{ value: numbers.mean }],
      metrics: { score: numbers.mean, ...(numbers as Record<string, number>) },
      versions,
    };
  },
});
