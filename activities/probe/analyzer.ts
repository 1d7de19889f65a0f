import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { JobConfig } from '../../plan/component.ts';
import { defineComponent } from '../component.ts';
import { checkRecipeJob, NOT_IN_KEY, RECIPE_READS, rayKeys, recipeSchema, runRecipe } from '../process/recipe-job.ts';

/** ProbeViaAnalyzerHook: stats of every sample and overall, by the recipe's filters (which drop nothing here). */
export const probeAnalyzer = defineComponent({
  name: 'probe.analyzer',
  hook: 'ProbeViaAnalyzerHook',
  version: 1,
  summary:
    "Analyses a dataset with Data-Juicer's Analyzer; the result is the analysed dataset's path, overall stats become metrics.",
  resources: { tag: 'cpu', gpus: 0 },
  claims: false,
  cacheable: true,
  config: {
    dj: recipeSchema,
    extra: z.strictObject({
      plots: z.boolean().optional().describe('Draws a picture of each stat; takes some seconds'),
      allow_failed_samples: z
        .boolean()
        .optional()
        .describe('Leaves out samples on which an op fails, such as broken video files, instead of failing'),
      ...rayKeys,
    }),
  },
  recipe: true,
  reads: RECIPE_READS,
  writes: [
    {
      at: 'dj_configs.export_path',
      kind: 'file',
      fallback: 'analysed.jsonl',
      alsoMakes: statsFile,
      when: exportsDataset,
    },
  ],
  provides: ['stats'],
  results: [{ write: 'dj_configs.export_path' }],
  notInKey: NOT_IN_KEY,
  check: checkRecipeJob,
  async run(run) {
    const { dj_configs, extra_configs } = run.config;
    const result = await runRecipe(run, 'analyze', {
      plots: extra_configs?.plots === true || dj_configs?.save_stats_in_one_file === true,
      allowFailedSamples: extra_configs?.allow_failed_samples === true,
    });
    const analysis = join(run.out, 'analysis');
    await rename(result.analysis, analysis);
    const metrics: Record<string, number> = { samples: result.samplesOut };
    for (const [stat, rows] of Object.entries(result.stats)) {
      for (const [row, value] of Object.entries(rows)) metrics[`${stat}.${row}`] = value;
    }
    const notes = [...result.notes];
    if (!exportsDataset(run.config)) {
      notes.push('the analysed dataset itself was not exported: dj_configs.export_original_dataset: true does that');
    }
    return {
      results: [{ path: result.exportPath }],
      metrics,
      provides: { stats: join(analysis, 'overall.csv') },
      versions: result.versions,
      notes,
    };
  },
});

/** `d.jsonl` → `d_stats.jsonl`: Data-Juicer writes the stats of each sample beside the dataset. */
function statsFile(named: string): string[] {
  return [named.replace(/\.[^./]+$/, '_stats.jsonl')];
}

function exportsDataset({ dj_configs }: JobConfig): boolean {
  return dj_configs?.export_original_dataset === true;
}
