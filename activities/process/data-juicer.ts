import { z } from 'zod';
import { defineComponent } from '../component.ts';
import { checkRecipeJob, countsOf, NOT_IN_KEY, RECIPE_READS, rayKeys, recipeSchema, runRecipe } from './recipe-job.ts';

/** ProcessDataHook: the dataset that the recipe's ops leave. */
export const processDataJuicer = defineComponent({
  name: 'process.data-juicer',
  hook: 'ProcessDataHook',
  version: 1,
  summary: "Processes a dataset with a Data-Juicer recipe; the result is the processed dataset's path.",
  resources: { tag: 'cpu', gpus: 0 },
  claims: false,
  cacheable: true,
  config: {
    dj: recipeSchema,
    extra: z.strictObject({
      allow_failed_samples: z
        .boolean()
        .optional()
        .describe('Leaves out samples on which an op fails, such as broken video files, instead of failing'),
      allow_empty: z.boolean().optional().describe('Lets a dataset of which nothing is left count as a result'),
      ...rayKeys,
    }),
  },
  recipe: true,
  reads: RECIPE_READS,
  writes: [{ at: 'dj_configs.export_path', kind: 'file', fallback: 'processed.jsonl' }],
  results: [{ write: 'dj_configs.export_path' }],
  notInKey: NOT_IN_KEY,
  check: checkRecipeJob,
  async run(run) {
    const extra = run.config.extra_configs;
    const result = await runRecipe(run, 'process', {
      allowFailedSamples: extra?.allow_failed_samples === true,
      allowEmpty: extra?.allow_empty === true,
    });
    return {
      results: [{ path: result.exportPath }],
      metrics: countsOf(result),
      versions: result.versions,
      notes: result.notes,
    };
  },
});
