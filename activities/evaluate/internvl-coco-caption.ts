import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { z } from 'zod';
import { ENVIRONMENT_NOT_IN_KEY, ENVIRONMENT_READS, environmentKeys } from '../../plan/environment.ts';
import { defineComponent, type JobRun } from '../component.ts';
import { restarting } from '../runtime/durably.ts';
import { JobFailure } from '../runtime/failure.ts';
import { lastLines } from '../runtime/last-lines.ts';
import type { LogPattern } from '../runtime/program-spec.ts';
import { captionScores } from './internvl-scores.ts';

const QUOTED_LINES = 20;
/** Its bar has no total. */
const IMAGES: LogPattern = { kind: 'metrics', pattern: '(?<step>[0-9]+)it \\[[0-9:]+, ' };

const paths = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

const schema = z.object({
  type: z.literal('internvl_coco_caption'),
  internvl_home: z
    .string()
    .min(1)
    .describe("InternVL's own folder; `internvl_chat` in it has evaluate.sh and the data"),
  num_gpus: z.int().positive().nullish().describe('GPUs of each evaluation'),
  ckpt_paths: paths.describe('Checkpoints, scored one after the other'),
  ...environmentKeys,
});

type Config = z.infer<typeof schema>;

/** EvaluateModelHook `internvl_coco_caption`: InternVL's own evaluation of checkpoints on COCO captions, one after the other. */
export const evaluateInternVL = defineComponent({
  name: 'evaluate.internvl-coco-caption',
  hook: 'EvaluateModelHook',
  type: 'internvl_coco_caption',
  version: 1,
  summary:
    'Scores InternVL checkpoints on COCO captions (BLEU, METEOR, ROUGE-L, CIDEr) by its evaluate.sh; the result is a list of their scores.',
  resources: { tag: 'gpu', gpus: 1 },
  gpus: ({ extra_configs }) => (typeof extra_configs?.num_gpus === 'number' ? extra_configs.num_gpus : null),
  claims: true,
  cacheable: true,
  config: { extra: schema },
  reads: [
    { at: 'extra_configs.ckpt_paths', kind: 'model' },
    {
      at: 'extra_configs.internvl_home',
      kind: 'directory',
      content: ['internvl_chat/evaluate.sh', 'internvl_chat/eval/caption'],
    },
    ...ENVIRONMENT_READS,
  ],
  writes: [],
  results: [{ value: 'scores' }],
  notInKey: ['extra_configs.num_gpus', ...ENVIRONMENT_NOT_IN_KEY],

  async run(run) {
    const config = schema.parse(run.config.extra_configs);
    const checkpoints = [config.ckpt_paths].flat();
    const scores: Record<string, number>[] = [];
    for (const checkpoint of checkpoints) scores.push(await scoresOf(run, config, checkpoint));
    return { results: [{ value: scores }], metrics: metricsOf(checkpoints, scores) };
  },
});

/** One call of evaluate.sh; its own exit code says nothing, since what follows the evaluation in it ends well. */
async function scoresOf(run: JobRun, config: Config, checkpoint: string): Promise<Record<string, number>> {
  const home = join(config.internvl_home, 'internvl_chat');
  if (!existsSync(join(home, 'evaluate.sh')))
    throw new JobFailure(`${join(home, 'evaluate.sh')} is not there: internvl_home must be the folder of InternVL`);
  // The script puts its own folder before it.
  const path = relative(home, checkpoint);
  if (/\s/.test(path)) throw new JobFailure(`evaluate.sh cannot take the white space in ${checkpoint}`);
  const { before, env } = await run.environment(config);
  const gpus = Math.max(1, run.devices.length);
  const end = await run.program({
    argv: [...before, 'bash', 'evaluate.sh', path, 'caption-coco', '--dynamic'],
    cwd: home,
    env: { PYTHONUNBUFFERED: '1', GPUS: String(gpus), ...env },
    patterns: [IMAGES],
    unit: 'image',
    phase: `captioning with ${basename(checkpoint)}`,
    ...restarting(run.job),
  });
  const scores = captionScores(await readFile(end.log, 'utf8'));
  if (scores !== null) return scores;
  const logTail = await lastLines(end.log, QUOTED_LINES);
  throw new JobFailure(`evaluate.sh ended without scores of ${checkpoint}: ${logTail.at(-1) ?? 'it printed nothing'}`, {
    logTail,
  });
}

/** Of one checkpoint by their names, of several as `<checkpoint>.<name>`, numbered from 1 where two have one name. */
function metricsOf(checkpoints: readonly string[], scores: readonly Record<string, number>[]): Record<string, number> {
  if (scores.length === 1) return { ...scores[0] };
  const names = checkpoints.map(path => basename(path));
  const isClear = new Set(names).size === names.length;
  return Object.fromEntries(
    scores.flatMap((each, i) =>
      Object.entries(each).map(([name, value]) => [`${isClear ? names[i] : i + 1}.${name}`, value]),
    ),
  );
}
