import { parentIdOf } from '../plan/trial-of.ts';
import { html, named } from './html.ts';
import type { RenderOptions } from './model/report.ts';
import type { TrialModel } from './model/trial.ts';
import { page } from './page.ts';
import { pageFoot } from './page-foot.ts';
import { costSection } from './sections/cost.ts';
import { curvesSection } from './sections/curves.ts';
import { dataSection } from './sections/data.ts';
import { jobsSection } from './sections/jobs.ts';
import { lineageSection } from './sections/lineage.ts';
import { recipeSection } from './sections/recipe.ts';
import { scoresSection } from './sections/scores.ts';
import { trialSummary } from './sections/summary.ts';
import { timelineSection } from './sections/timeline.ts';
import { videosSection } from './sections/videos.ts';

/** The page of a trial. */
export function trialPage(model: TrialModel, options: RenderOptions): string {
  const { urlOf, pageOf, live = false, banner = null, scripts = [] } = options;
  const parent = parentIdOf(model.id);
  const parentPage = parent === null ? null : (pageOf?.(parent) ?? null);
  const sections = [
    dataSection(model),
    recipeSection(model),
    curvesSection(model),
    videosSection(model.videos, { clips: model.clips, workDir: model.workDir, urlOf }),
    scoresSection(model),
    timelineSection(model),
    lineageSection(model),
    costSection(model),
    jobsSection(model),
  ].filter(section => section !== null);
  return page({
    title: named(model.id),
    tab: `${model.id.slice(0, 120)} · dj-sandbox`,
    subtitle: html`Trial${parent !== null && html` of ${parentPage === null ? named(parent) : html`<a href="${parentPage}">${named(parent)}</a>`}`} in project ${named(model.project)}, experiment ${named(model.experiment)}`,
    summary: trialSummary(model),
    sections,
    foot: pageFoot(model),
    live,
    banner,
    scripts,
  });
}
