// Reports: what work_dirs tell of trials, sweeps and studies, as pages.
import { collectStudy } from './collect/collect-study.ts';
import { collectSweep } from './collect/collect-sweep.ts';
import { collectTrial } from './collect/collect-trial.ts';
import { runKind } from './collect/run-kind.ts';
import type { CollectOptions, RenderOptions } from './model/report.ts';
import type { StudyModel } from './model/study.ts';
import type { SweepModel } from './model/sweep.ts';
import type { TrialModel } from './model/trial.ts';
import { studyPage } from './study-page.ts';
import { sweepPage } from './sweep-page.ts';
import { trialPage } from './trial-page.ts';

export type ReportModel = TrialModel | SweepModel | StudyModel;

/** Reads what a work_dir has of a trial, sweep or study; null where it has none of that id. */
export async function collectReport(options: CollectOptions): Promise<ReportModel | null> {
  switch (await runKind(options.workDir, options.id)) {
    case 'trial':
      return await collectTrial(options);
    case 'sweep':
      return await collectSweep(options);
    case 'study':
      return await collectStudy(options);
    default:
      return null;
  }
}

/** A model as one HTML text. */
export function renderReport(model: ReportModel, options: RenderOptions): string {
  switch (model.kind) {
    case 'trial':
      return trialPage(model, options);
    case 'sweep':
      return sweepPage(model, options);
    case 'study':
      return studyPage(model, options);
  }
}
