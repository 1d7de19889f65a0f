import { shortNames } from '../../../plan/sweep/point-text.ts';
import { paretoFront } from '../../charts/pareto.ts';
import { computed } from '../../figure.ts';
import { type Html, html, named } from '../../html.ts';
import type { RenderOptions } from '../../model/report.ts';
import type { SweepModel } from '../../model/sweep.ts';
import { type SweepCost, stoppedEarly } from '../../model/sweep-cost.ts';
import { varied, type Winning } from '../../model/winner.ts';
import { counted, listed, objective, objectiveOrigin, pointValue, trialLink } from '../words.ts';

type Pages = NonNullable<RenderOptions['pageOf']>;

/** What came of a sweep, in words. */
export function sweepSummary(model: SweepModel, winning: Winning | null, cost: SweepCost, pageOf: Pages): Html {
  return html`${winning ? won(model, winning, pageOf) : nobody(model)}
${winning && doubt(winning)}
<p>${wentWords(model)} ${costWords(cost)}</p>`;
}

function won(model: SweepModel, winning: Winning, pageOf: Pages): Html {
  const { metric, best, done, second, median } = winning;
  if (model.spec.metrics.length > 1) return front(model, pageOf);
  const of = [objectiveOrigin(model, best, 0)];
  const behind = (value: number, other: typeof best) =>
    computed(value, [...of, objectiveOrigin(model, other, 0)], { how: 'difference of the two' });
  const all = model.trials.filter(({ status }) => status === 'done').map(trial => objectiveOrigin(model, trial, 0));
  return html`<p><strong>${trialLink(best, pageOf, 'Trial')} won</strong>: ${named(metric.name)} ${objective(model, best)} (${metric.goal}d${
    metric.target === null ? '' : `, target ${metric.target}`
  })${
    second
      ? html`, ${behind(second.behind, second.trial)} ahead of ${trialLink(second.trial, pageOf)}, the second (${objective(model, second.trial)})`
      : html`; no other trial has an objective`
  }${
    median && done > 2
      ? html`, and ${computed(median.behind, all, { how: 'difference to the median of all that are done' })} ahead of the median of the ${done} trials that are done`
      : ''
  }.</p>
<p>It ran with ${winningValues(model, winning)}.${model.id.length < 100 && html` Its recipe, and a config that runs what it ran: <code>dj-sandbox sweep best ${model.id} --out best.yaml</code>`}</p>`;
}

function winningValues(model: SweepModel, { best }: Winning): Html {
  const { names } = varied(model);
  const shown = names.length > 0 ? names : Object.keys(best.point);
  const short = shortNames(shown);
  return html`${shown.slice(0, 12).map((name, i) => html`${i > 0 && ', '}<span title="${name}">${named(short.get(name)!, 60)} = ${pointValue(model, best, name)}</span>`)}${shown.length > 12 && html` and ${shown.length - 12} more`}`;
}

/** Several objectives have no single winner. */
function front(model: SweepModel, pageOf: Pages): Html {
  const { metrics } = model.spec;
  const found = paretoFront(model.trials, metrics);
  const names = listed(metrics.map(({ name, goal }) => `${name} (${goal}d)`));
  return html`<p><strong>${counted(found.length, 'trial')}</strong> of ${model.trials.length} ${found.length === 1 ? 'is' : 'are'} on the Pareto front of ${named(names, 300)}: no other is better in one of them without being worse in another. ${found
    .slice(0, 8)
    .map(
      (trial, i) => html`${i > 0 && ', '}${trialLink(trial, pageOf)}`,
    )}${found.length > 8 && html` and ${found.length - 8} more`}.</p>`;
}

function nobody({ trials, spec }: SweepModel): Html {
  const names = listed(spec.metrics.map(({ name }) => name));
  if (trials.length === 0) return html`<p><strong>No trial has begun</strong>: there is nothing to compare yet.</p>`;
  return html`<p><strong>Nobody has won</strong>: no trial is done with a finite ${named(names, 200)}.</p>`;
}

/** Whether the lead is more than chance, as far as that is known. */
function doubt({ noise, second, metric }: Winning): Html | null {
  if (!second) return null;
  if (!noise)
    return html`<p>Each point was tried once, so that the sweep does not tell how much of these differences is noise: run the best ones again with other seeds before you build on them.</p>`;
  const spread = computed(noise.deviation, [], { how: `pooled deviation over ${noise.trials} trials` });
  const word = second.behind > 2 * noise.deviation ? 'more than' : 'no more than';
  return html`<p>Trials that differ by ${named(noise.parameter, 60)} only scatter by ${spread} in ${named(metric.name)} (${counted(noise.points, 'point')}, ${noise.trials} trials): the lead is ${word} twice that.</p>`;
}

function wentWords(model: SweepModel): string {
  const { trials, state, reason, spec, said } = model;
  const early = stoppedEarly(model).length;
  const count = (status: string) => trials.filter(trial => trial.status === status).length;
  const parts = [
    [count('done'), 'done'],
    [early, 'stopped early'],
    [count('stopped') - early, 'stopped'],
    [count('failed'), 'failed'],
    [count('waiting'), 'waiting at a rung'],
    [count('running'), 'running'],
  ] as const;
  const told = parts.filter(([n]) => n > 0).map(([n, word]) => `${n} ${word}`);
  const cap = spec.budget.runCap === null ? '' : ` of at most ${spec.budget.runCap}`;
  const end =
    state === 'running'
      ? said === null
        ? 'The sweep goes on, as far as its ledger tells.'
        : `The sweep is ${said.state}, as the server says.`
      : `The sweep ended as ${state}${reason ? `: ${reason}` : ''}.`;
  return `${counted(trials.length, 'trial')}${cap} ${trials.length === 1 ? 'was' : 'were'} begun: ${listed(told) || 'none has come to anything'}. ${end}`;
}

function costWords({ wall, gpu, busy }: SweepCost): Html {
  const took = computed(wall.value, wall.of, {
    format: 'duration',
    how: 'from the first line of the ledger to the last',
  });
  if (gpu.value > 0)
    return html`It took ${took} and ${computed(gpu.value / 3600, gpu.of, { how: 'sum of what ended trials held GPUs, by number' })} GPU hours.`;
  return html`It took ${took}; its jobs ran for ${computed(busy.value, busy.of, { format: 'duration', how: 'sum of the jobs that its trials ran' })} in all, on no GPU.`;
}
