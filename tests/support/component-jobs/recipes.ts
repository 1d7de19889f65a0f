import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Component } from '../../../activities/component.ts';
import type { ComponentUnderTest } from '../../../activities/own/conformance/index.ts';
import { probeAnalyzer } from '../../../activities/probe/analyzer.ts';
import { processDataJuicer } from '../../../activities/process/data-juicer.ts';
import { refineKSigma } from '../../../activities/refine/k-sigma.ts';
import { refineModelFeedback } from '../../../activities/refine/model-feedback.ts';
import type { JsonObject } from '../../../plan/plan.ts';
import { writeDatasets } from './inputs.ts';

const RECIPE = { process: [{ text_length_filter: { min_len: 1, max_len: 900 } }] };

export const REFINEMENTS: ComponentUnderTest[] = [
  {
    component: refineKSigma,
    needs: { stats: 'overall.csv' },
    async job(folder) {
      await writeFile(join(folder, 'overall.csv'), ',text_len\nmean,50\nstd,10\n');
      return { dj_configs: RECIPE, extra_configs: { path_k_sigma_recipe: 'refined.yaml', k: 2 } };
    },
  },
  {
    component: refineModelFeedback,
    job: () => ({
      dj_configs: RECIPE,
      extra_configs: {
        path_model_feedback_recipe: 'refined.yaml',
        goal: 'maximize',
        baseline: [0.5, 0.51, 0.49],
        ops: {
          text_length_filter: {
            pools: {
              low: { max: 40, results: [0.2, 0.21, 0.19] },
              high: { min: 40, results: [0.8, 0.81, 0.79] },
            },
          },
        },
      },
    }),
  },
];

const onTexts = (component: Component, more: JsonObject = {}): ComponentUnderTest => ({
  component,
  async job(folder) {
    const texts = Array.from({ length: 8 }, (_, i) => ({ text: 'word '.repeat(i + 1).trim() }));
    await writeDatasets(folder, { 'texts.jsonl': texts });
    const process = [{ text_length_filter: { min_len: 10, max_len: 900 } }];
    return { dj_configs: { dataset_path: 'texts.jsonl', export_path: 'made/texts.jsonl', np: 1, process, ...more } };
  },
});

/** With the real Data-Juicer. */
export const DATA_JUICER: ComponentUnderTest[] = [
  onTexts(probeAnalyzer, { export_original_dataset: true }),
  onTexts(processDataJuicer),
];
