import { z } from 'zod';
import { type FeedbackChange, type FeedbackRefined, refineByFeedback } from '../../plan/feedback/refine.ts';
import type { OpVerdict } from '../../plan/feedback/verdict.ts';
import type { Json } from '../../plan/plan.ts';
import { sampleWords } from '../../plan/statistics/against-baseline.ts';
import { catalogue } from '../catalogue.ts';
import { defineComponent } from '../component.ts';
import { writeAtomically } from '../runtime/atomic.ts';
import { JobFailure } from '../runtime/failure.ts';
import { commentedRecipe } from './commented-recipe.ts';
import { boundFeedbackSchema, checkFeedback, feedbackContextKeys, feedbackSchema } from './feedback-config.ts';
import { evidenceOf } from './feedback-evidence.ts';

const PATH = 'extra_configs.path_model_feedback_recipe';

/** RefineRecipeViaModelFeedbackHook: the recipe with each op's limits at the pool whose models were better than the baseline. */
export const refineModelFeedback = defineComponent({
  name: 'refine.model-feedback',
  hook: 'RefineRecipeViaModelFeedbackHook',
  version: 1,
  summary:
    "Sets a recipe's limits to the pools of data whose models were better than the baseline; the results are the refined recipe's path and the verdicts.",
  resources: { tag: 'cpu', gpus: 0 },
  claims: false,
  cacheable: true,
  config: {
    dj: z.looseObject({ process: z.array(z.unknown()).nullish().describe('Ops of the recipe whose limits are set') }),
    extra: feedbackSchema,
  },
  recipe: true,
  reads: [],
  writes: [{ at: PATH, kind: 'file', fallback: 'model_feedback_recipe.yaml' }],
  results: [{ write: PATH, recipeOf: 'dj_configs' }, { value: 'verdicts' }],
  contextKeys: feedbackContextKeys,
  check: checkFeedback,
  async run(run) {
    const { dj_configs, extra_configs } = run.config;
    if (dj_configs === null) throw new JobFailure(`${run.job.id} has no recipe to refine: set dj_configs`);
    const [problem] = checkFeedback(run.config);
    if (problem) throw new JobFailure(`${problem.at}: ${problem.message}`);
    const config = boundFeedbackSchema.parse(extra_configs);
    const refined = refineByFeedback(dj_configs, await evidenceOf(config, run.signal), {
      goal: config.goal,
      minEffect: config.min_effect,
      confidence: config.confidence,
      allowFailed: config.allow_failed_results,
      catalogue: catalogue(),
    });
    const path = String(config.path_model_feedback_recipe);
    await writeAtomically(path, textOf(refined, path));
    return {
      results: [{ path }, { value: refined.verdicts.map(verdictAsJson) }],
      metrics: metricsOf(refined),
      notes: [heading(refined), ...refined.verdicts.map(verdictLine)],
    };
  },
});

function textOf(refined: FeedbackRefined, path: string): string {
  return commentedRecipe(refined.recipe, path, {
    heading: [heading(refined), ...refined.verdicts.map(verdictLine)],
    comments: refined.changes.map(change => ({ ...change, text: howChanged(change) })),
  });
}

function heading({ changes }: FeedbackRefined): string {
  const { length } = changes;
  return `Refined by model feedback: ${length} argument${length === 1 ? '' : 's'} changed.`;
}

/** `text_length_filter (text_len): high helped: effect 0.12, p 0.0007 after Holm over 6` */
function verdictLine({ op, stat, chosen, why }: OpVerdict): string {
  return `${op} (${stat}): ${chosen ? '' : 'left alone; '}${why}`;
}

/** `was 20; text_len of pool high: 0.62 ± 0.01 of 5 against 0.5 ± 0.02 of 5; effect 0.12, p 0.0007 after Holm over 6, rounded down` */
function howChanged({ from, stat, rounded, chosen }: FeedbackChange): string {
  const was = from === undefined ? 'was not given' : `was ${JSON.stringify(from)}`;
  const against = `${sampleWords(chosen.own)} against ${sampleWords(chosen.baseline)}`;
  return `${was}; ${stat} of pool ${chosen.pool.name}: ${against}; ${chosen.why}${rounded ? `, rounded ${rounded}` : ''}`;
}

function verdictAsJson({ op, stat, chosen, why, pools }: OpVerdict): Json {
  return {
    op,
    stat,
    chosen: chosen?.pool.name ?? null,
    why,
    pools: pools.map(({ pool, own, failed, effect, p, helps, why: poolWhy }) => ({
      ...{ name: pool.name, min: pool.min, max: pool.max, n: own.n, failed },
      ...{
        mean: finite(own.mean),
        std: finite(Math.sqrt(own.variance)),
        effect: finite(effect),
        p,
        helps,
        why: poolWhy,
      },
    })),
  };
}

function metricsOf({ changes, verdicts }: FeedbackRefined): Record<string, number> {
  const metrics: Record<string, number> = { arguments_changed: changes.length };
  for (const { op, pools } of verdicts) {
    for (const { pool, effect, p } of pools) {
      if (Number.isFinite(effect)) metrics[`${op}.${pool.name}.effect`] = effect;
      if (p !== null) metrics[`${op}.${pool.name}.p`] = p;
    }
  }
  return metrics;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
