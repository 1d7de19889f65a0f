import { html, named } from './html.ts';
import type { RenderOptions } from './model/report.ts';
import type { SweepModel } from './model/sweep.ts';
import { sweepCost } from './model/sweep-cost.ts';
import { winningOf } from './model/winner.ts';
import { page } from './page.ts';
import { pageFoot } from './page-foot.ts';
import { comparedVideos } from './sections/compared-videos.ts';
import { lackingSection } from './sections/lacking.ts';
import { costSection } from './sections/sweep/cost.ts';
import { curvesSection } from './sections/sweep/curves.ts';
import { historySection } from './sections/sweep/history.ts';
import { leaderboardSection } from './sections/sweep/leaderboard.ts';
import { parametersSection } from './sections/sweep/parameters.ts';
import { rungsSection } from './sections/sweep/rungs.ts';
import { setupSection } from './sections/sweep/setup.ts';
import { sweepSummary } from './sections/sweep/summary.ts';
import { timesSection } from './sections/sweep/times.ts';

/** The page of a sweep. */
export function sweepPage(
  model: SweepModel,
  { urlOf, pageOf = () => null, live = false, banner = null, scripts = [] }: RenderOptions,
): string {
  const cost = sweepCost(model);
  const winning = winningOf(model);
  const lacking = [
    ...model.lacking,
    ...model.trials.flatMap(({ trial, work }) => work.lacking.map(each => `trial ${trial}: ${each}`)),
  ];
  const sections = [
    leaderboardSection(model, pageOf),
    curvesSection(model, winning?.best.trial ?? null),
    parametersSection(model),
    historySection(model, pageOf),
    rungsSection(model, pageOf),
    comparedVideos(model, { urlOf }),
    timesSection(model),
    costSection(cost),
    setupSection(model),
    lackingSection(lacking),
  ];
  return page({
    title: named(model.id),
    tab: `${model.id} · dj-sandbox`,
    subtitle: html`Sweep of ${named(model.project)} / ${named(model.experiment)}, ${model.said?.state ?? model.state}`,
    summary: sweepSummary(model, winning, cost, pageOf),
    sections: sections.filter(section => section !== null),
    foot: pageFoot(model),
    live,
    banner,
    scripts,
  });
}
