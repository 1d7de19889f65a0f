import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { refineRecipe } from '../../plan/k-sigma.ts';
import { parseOverallCsv } from '../../plan/overall-csv.ts';
import { catalogue } from '../catalogue.ts';
import { defineComponent } from '../component.ts';
import { writeAtomically } from '../runtime/atomic.ts';
import { JobFailure } from '../runtime/failure.ts';
import { recipeText } from './recipe-text.ts';

/** RefineRecipeViaKSigmaHook: the recipe with its limits at mean ± k standard deviations of what was probed. */
export const refineKSigma = defineComponent({
  name: 'refine.k-sigma',
  hook: 'RefineRecipeViaKSigmaHook',
  version: 2,
  summary:
    "Sets a recipe's limits to mean ± k standard deviations of the probed stats; the result is the refined recipe's path.",
  resources: { tag: 'cpu', gpus: 0 },
  claims: false,
  cacheable: true,
  config: {
    dj: z.looseObject({ process: z.array(z.unknown()).nullish().describe('Ops of the recipe whose limits are set') }),
    extra: z.strictObject({
      path_k_sigma_recipe: z
        .string()
        .regex(/\.(?:ya?ml|json)$/, 'must end in .yaml, .yml or .json')
        .optional()
        .describe('File for the refined recipe: .yaml, .yml or .json'),
      k: z.number().positive().optional().describe('Limits lie so many standard deviations from the mean; default 3'),
    }),
  },
  recipe: true,
  reads: [],
  writes: [{ at: 'extra_configs.path_k_sigma_recipe', kind: 'file', fallback: 'refined-recipe.yaml' }],
  needs: [{ as: 'stats', sameMetaName: true }],
  results: [{ write: 'extra_configs.path_k_sigma_recipe', recipeOf: 'dj_configs' }],
  async run(run) {
    const { dj_configs, extra_configs } = run.config;
    const stats = run.needs.stats;
    if (dj_configs === null) throw new JobFailure(`${run.job.id} has no recipe to refine: set dj_configs`);
    if (!stats) throw new JobFailure(`no job before ${run.job.id} with meta_name ${run.job.metaName} probed a dataset`);
    const k = typeof extra_configs?.k === 'number' ? extra_configs.k : undefined;
    const refined = refineRecipe(dj_configs, await statsAt(stats.path), { k, catalogue: catalogue() });
    const path = String(extra_configs?.path_k_sigma_recipe);
    await writeAtomically(path, recipeText(refined, path));
    const { length } = refined.changes;
    const note =
      length === 0
        ? 'nothing was refined: no argument with min or max in its name, given in the recipe, has a probed stat'
        : `${length} argument${length === 1 ? '' : 's'} refined; comments in the recipe (if YAML) say how`;
    return { results: [{ path }], notes: [note, ...refined.notes] };
  },
});

async function statsAt(path: string) {
  try {
    return parseOverallCsv(await readFile(path, 'utf8'));
  } catch (error) {
    throw new JobFailure(`the probed stats ${path} cannot be used: ${(error as Error).message}`, { cause: error });
  }
}
