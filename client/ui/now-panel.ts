// What changes on a run's page while it goes on.
import { duration, figure } from '../../plan/figures.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { chartText } from '../../report/charts/chart-text.ts';
import { type Html, html, named, raw, visible } from '../../report/html.ts';
import { jsonInHtml } from '../../report/page.ts';
import { type Chart, chartHtml } from '../../report/section.ts';
import { speed } from '../format.ts';
import { lasted, live, stateBadge } from './layout.ts';
import { tookOf } from './list-query.ts';
import { runPath } from './places.ts';
import type { Curve, JobNow, RunNow } from './run-now.ts';

const EVERY_MS = 2_000;
export const CURVE = 'now-curve';

/** The panel with what has the page's script ask for it again; a run that has ended needs none. */
export function nowPanel(now: RunNow, at: number): { html: Html; charts: Chart[] } {
  const { place, id } = now.run;
  const charts = now.run.kind === 'trial' ? [curveChart(now.curve)] : [];
  const panel = live('now', runPath(place, id, 'now'), EVERY_MS, nowBody(now, at));
  return { html: html`<section class="now" aria-label="Now">${panel}</section>`, charts };
}

/** What the panel is made of, as the page's script gets it. */
export const nowFragment = (now: RunNow, at: number): string => String(nowBody(now, at));

function nowBody(now: RunNow, at: number): Html {
  const { run, ended, message, jobs, trials, curve } = now;
  const took = lasted(run.startedAt, tookOf(run, at), !ended && run.closedAt === null, duration);
  return html`<div class="now-head">${stateBadge(run.state)} ${took} <p class="said" role="status">${saidText(now)}</p></div>
${ended && html`<p class="remark" data-ended>It has ended. What is below is of the time when this page was opened: <a href="${runPath(run.place, run.id)}">show it as it is now</a>.</p>`}
${message !== null && html`<p class="remark ${run.state === 'failed' ? 'problem' : 'note'}">${named(message, 2_000)}</p>`}
${jobs.map(jobHtml)}
${trials.length > 0 && trialsHtml(now)}
${run.kind === 'trial' && html`${chartHtml(curveChart(curve))}<script type="application/json" data-option="${CURVE}">${raw(jsonInHtml(curveOption(curve)))}</script>`}`;
}

/** One sentence that changes seldom enough to be read out: the job, and how far it is in tenths. */
function saidText({ run, jobs, trials }: RunNow): string {
  const running = jobs.find(({ state }) => state === 'running');
  if (running) {
    const { step, total } = running;
    const tenths = step !== null && total ? ` is ${Math.floor((step / total) * 10) * 10} % done` : ' runs';
    return `${visible(running.job)}${tenths}`;
  }
  if (trials.length > 0) return `${trials.length} ${trials.length === 1 ? 'trial goes' : 'trials go'} on`;
  const held = jobs.find(({ state }) => state === 'held');
  if (held) return `${visible(held.job)} waits`;
  return run.state === 'unfinished' ? 'it has not ended, and nothing runs for it' : '';
}

function jobHtml(job: JobNow): Html {
  const { step, total } = job;
  const bar =
    step !== null &&
    total !== null &&
    html`<progress value="${Math.min(step, total)}" max="${Math.max(total, 1)}" aria-label="${visible(job.job)}"></progress>`;
  return html`<div class="now-job"><p><strong>${named(job.job, 80)}</strong> <span class="quiet">${named(job.component, 60)}</span> ${job.state !== 'running' && stateBadge(WORDS[job.state] ?? job.state)}</p>
${bar}<dl class="now-facts">${factsOf(job).map(([name, value]) => html`<div><dt>${name}</dt><dd class="figure">${value}</dd></div>`)}</dl></div>`;
}

const WORDS: Partial<Record<JobNow['state'], string>> = { held: 'waiting', left: 'unfinished' };

function factsOf({
  step,
  total,
  unit,
  loss,
  speed: perSecond,
  eta,
  runs,
  segments,
  attempt,
  phase,
}: JobNow): [string, string][] {
  const facts: [string, string | null][] = [
    ['does', step === null ? phase : null],
    [unit, step === null ? null : total === null ? String(step) : `${step} of ${total}`],
    ['loss', loss === null ? null : figure(loss)],
    ['speed', perSecond === null ? null : speed(perSecond, unit)],
    ['left', eta === null ? null : duration(eta)],
    ['run', runs > 1 ? String(runs) : null],
    ['segment', segments > 1 ? String(segments) : null],
    ['attempt', attempt !== null && attempt > 1 ? String(attempt) : null],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== null);
}

function trialsHtml({ run: parent, trials }: RunNow): Html {
  return html`<ul class="now-trials">${trials.map(({ run, job }) => {
    const name = run.id.startsWith(`${parent.id}.`) ? run.id.slice(parent.id.length + 1) : run.id;
    const facts = job ? factsOf(job).map(([what, value]) => `${what} ${value}`) : [];
    const words = [job ? visible(job.job) : [run.stage, run.job].filter(Boolean).join(' · '), ...facts].filter(Boolean);
    return html`<li><a href="${runPath(run.place, run.id)}">${named(name, 60)}</a> ${stateBadge(run.state)} <span class="quiet">${words.join(', ')}</span></li>`;
  })}</ul>`;
}

function curveChart(curve: Curve | null): Chart {
  const last = curve?.points.findLast(([, value]) => value !== null) ?? null;
  return {
    id: CURVE,
    title: curve ? `${visible(curve.metric)} of ${visible(curve.job)}` : 'Curve',
    option: curveOption(curve),
    label: last
      ? `${curve!.metric} of ${curve!.job} so far: ${figure(last[1]!)} at step ${last[0]}.`
      : 'Nothing is told over steps yet.',
    height: 180,
  };
}

/** Without texts that name colours or functions: it is put in place as it is while the run goes on. */
function curveOption(curve: Curve | null): JsonObject {
  return {
    grid: { left: 8, right: 16, top: 12, bottom: 8, containLabel: true },
    tooltip: { trigger: 'axis' },
    xAxis: { type: 'value', minInterval: 1, min: 'dataMin', max: 'dataMax', splitLine: { show: false } },
    yAxis: { type: 'value', scale: true, splitNumber: 3 },
    series: [
      {
        id: 'curve',
        name: chartText(curve?.metric ?? ''),
        type: 'line',
        data: curve?.points ?? [],
        showSymbol: false,
        lineStyle: { width: 1.75 },
      },
    ],
  };
}
