import { html, named } from './html.ts';
import type { RenderOptions } from './model/report.ts';
import type { StudyModel } from './model/study.ts';
import { studyCost } from './model/study-cost.ts';
import { page } from './page.ts';
import { pageFoot } from './page-foot.ts';
import { remark } from './section.ts';
import { comparedVideos } from './sections/compared-videos.ts';
import { lackingSection } from './sections/lacking.ts';
import { studyCostSection } from './sections/study/cost.ts';
import { studyCurvesSection } from './sections/study/curves.ts';
import { operatorsSection } from './sections/study/operators.ts';
import { pyramidSection, stagesSection } from './sections/study/stages.ts';
import { studySummary } from './sections/study/summary.ts';
import { studyTimesSection } from './sections/study/times.ts';
import { studyTrialsSection } from './sections/study/trials.ts';

/** The page of a pool study. */
export function studyPage(
  model: StudyModel,
  { urlOf, pageOf = () => null, live = false, banner = null, scripts = [] }: RenderOptions,
): string {
  const cost = studyCost(model);
  const { table, said } = model;
  const lacking = [
    ...model.lacking,
    ...model.trials.flatMap(({ trial, work }) => work.lacking.map(each => `trial ${trial}: ${each}`)),
  ];
  const judged = table ? [operatorsSection(model), stagesSection(model), pyramidSection(model)] : [];
  const sections = [
    ...judged,
    studyCurvesSection(model),
    comparedVideos(model, { urlOf }),
    studyTrialsSection(model, pageOf),
    studyTimesSection(model),
    studyCostSection(cost),
    lackingSection(lacking),
  ];
  const notes = table?.notes ?? [];
  return page({
    title: named(model.id),
    tab: `${model.id} · dj-sandbox`,
    subtitle: html`Pool study of ${named(model.project)} / ${named(model.experiment)}${table && `, ${said?.state ?? table.state}`}`,
    summary: html`${studySummary(model, cost)}${notes.slice(0, 12).map(note => remark(named(note, 300)))}`,
    sections: sections.filter(section => section !== null),
    foot: pageFoot(model),
    live,
    banner,
    scripts,
  });
}
