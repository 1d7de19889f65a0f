import { rungsChart } from '../../charts/rungs.ts';
import { figure, none, origin } from '../../figure.ts';
import { type Html, html, named } from '../../html.ts';
import type { RenderOptions } from '../../model/report.ts';
import { type AtRung, type Fate, visits } from '../../model/rung-visits.ts';
import type { SweepModel } from '../../model/sweep.ts';
import { chartHtml, remark, type Section, table } from '../../section.ts';
import { counted, trialLink } from '../words.ts';

/** Of more rungs the first and the last one are told of in words. */
const MOST_TOLD = 6;
const BADGES: Record<Fate, string> = { 'went on': 'good', waits: 'busy', failed: 'bad', stopped: '' };

/** Which trial reached which rung, and what was decided there and why; null: the sweep ends no trial early. */
export function rungsSection(model: SweepModel, pageOf: NonNullable<RenderOptions['pageOf']>): Section | null {
  const { spec, rungs } = model;
  if (!spec.earlyTerminate) return null;
  const head = {
    id: 'rungs',
    title: rungs && !rungs.waits ? 'Rungs and early ends' : 'Rungs and promotions',
    scripts: ['leaderboard.js'],
  };
  if (!rungs)
    return { ...head, html: remark('The sweep has no rungs: no training of its config tells steps.'), charts: [] };
  const all = visits(model);
  if (all.length === 0)
    return { ...head, html: html`<p>${rule(model)}</p>${remark('No trial has reached a rung yet.')}`, charts: [] };
  const chart = rungsChart(model, all);
  const steps = [...new Set(all.map(({ step }) => step))].sort((a, b) => a - b);
  const told = steps.length > MOST_TOLD ? [steps[0]!, steps.at(-1)!] : steps;
  const content = html`<p>${rule(model)} ${told.map(step => `${countsAt(all, step)} `)}</p>
${chart && chartHtml(chart)}
<div class="${all.length > 20 ? 'tall' : ''}">${table({
    caption: 'What was decided at the rungs',
    columns: [
      { title: 'trial' },
      { title: 'rung', numeric: true },
      { title: rungs.metric, numeric: true },
      { title: 'then' },
      { title: 'why' },
    ],
    rows: all.map(visit => visitRow(model, visit, pageOf)),
  })}</div>`;
  return { ...head, html: content, charts: chart ? [chart] : [] };
}

function visitRow(
  { ledger }: SweepModel,
  { trial, step, value, line, fate, why }: AtRung,
  pageOf: (id: string) => string | null,
): (Html | string)[] {
  return [
    trialLink(trial, pageOf),
    figure(step, origin(ledger.file, line, 'step'), { format: 'count' }),
    value === null ? none('no finite value') : figure(value, origin(ledger.file, line, 'value')),
    html`<span class="badge ${BADGES[fate]}">${fate}</span>`,
    why ? named(why.text, 200) : '',
  ];
}

function countsAt(all: readonly AtRung[], step: number): string {
  const here = all.filter(each => each.step === step);
  const on = here.filter(({ fate }) => fate === 'went on').length;
  return `${counted(here.length, 'trial')} reached step ${step}, ${on} went on.`;
}

/** The rule by which trials go on or end, in words. */
function rule({ spec, rungs }: SweepModel): string {
  const { earlyTerminate } = spec;
  const metric = rungs ? `${rungs.metric} (${rungs.goal}d)` : 'the metric';
  switch (earlyTerminate?.type) {
    case 'asha':
      return `Trainings stop at rungs from step ${earlyTerminate.r} on, and of a rung the best one in ${earlyTerminate.eta} by ${metric} go on from their checkpoints (ASHA, arXiv 1810.05934).`;
    case 'hyperband':
      return `At each band a trial ends whose ${earlyTerminate.strict ? 'value there' : 'best so far'} is worse than the best one in ${earlyTerminate.eta} of what was told there, by ${metric} (Hyperband's stopping as W&B has it).`;
    case 'median':
      return `From step ${earlyTerminate.minIter} on, every ${earlyTerminate.every} steps, a trial ends whose best ${metric} so far is worse than the median of at least ${counted(earlyTerminate.minTrials, 'other')}.`;
    default:
      return '';
  }
}
