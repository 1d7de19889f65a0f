import { html, named } from './html.ts';
import type { RenderOptions } from './model/report.ts';
import type { TrialModel } from './model/trial.ts';
import { page } from './page.ts';
import { pageFoot } from './page-foot.ts';
import { jobsSection } from './sections/jobs.ts';

/** The page of a trial. */
export function trialPage(model: TrialModel, { live = false, banner = null, scripts = [] }: RenderOptions): string {
  return page({
    title: named(model.id),
    tab: `${model.id} · dj-sandbox`,
    subtitle: html`Trial of ${named(model.project)} / ${named(model.experiment)}`,
    sections: [jobsSection(model)],
    foot: pageFoot(model),
    live,
    banner,
    scripts,
  });
}
