import { pointTitle } from '../../../plan/study/table-text.ts';
import { effectsOf } from '../../charts/effects.ts';
import { computed, figure, type Origin, origin } from '../../figure.ts';
import { type Html, html, named } from '../../html.ts';
import type { StudyModel } from '../../model/study.ts';
import type { StudyCost } from '../../model/study-cost.ts';
import { counted, listed } from '../words.ts';

/** What came of a study, in words. */
export function studySummary(model: StudyModel, cost: StudyCost): Html {
  const { table, said } = model;
  if (!table)
    return html`<p><strong>There is no table yet</strong>: it is written when the study has ended, and no server was there to ask. ${counted(model.trials.length, 'trial')} of it left files here.</p><p>${costWords(cost)}</p>`;
  const state = said?.state ?? table.state;
  return html`${found(model)}
<p>${counted(table.counts.begun, 'trial')} ${table.counts.begun === 1 ? 'was' : 'were'} begun: ${listed(countsWords(table.counts)) || 'none has come to anything'}. The study is ${state}${table.message ? `: ${table.message}` : ''}. ${costWords(cost)}</p>`;
}

function found(model: StudyModel): Html {
  const { table } = model;
  const { winner, spec, stages } = table!;
  const { metric, seeds, test, alpha } = spec;
  if (!winner)
    return html`<p><strong>No pool is better than the whole data</strong> of its size in ${named(metric.name)} (${metric.goal}d, ${counted(seeds.length, 'seed')})${stages.length === 0 && ': nothing has been tried yet'}.</p>`;
  const from = (...path: (string | number)[]): Origin => origin(model.file ?? '', 'winner', ...path);
  const stage = stages.find(({ points }) =>
    points.some(({ id, comparison }) => id === winner.id && comparison?.gain === winner.gain),
  );
  const effect = stage && effectsOf(stage, spec).find(({ point }) => point.id === winner.id);
  const interval = effect?.interval;
  const p =
    winner.adjusted === null ? 'no p-value' : html`p ${figureOf(model, winner.adjusted, from('adjusted'))} after Holm`;
  return html`<p><strong>${named(pointTitle({ parts: winner.parts, times: 1 }), 200)} ${winner.proven ? 'won' : 'came out best'}</strong>: ${named(metric.name)} ${figureOf(model, winner.mean, from('mean'))} (${metric.goal}d), ${figureOf(model, winner.gain, from('gain'))} better than the whole data at the same ${counted(winner.samples, 'sample')}${
    interval &&
    html` (${Math.round((1 - alpha) * 100)} % interval ${computed(interval.low, [from('gain')], { how: `interval of the ${test} test` })} to ${computed(interval.high, [from('gain')], { how: `interval of the ${test} test` })})`
  }.</p>
<p>${
    winner.proven
      ? html`That is <strong>more than noise</strong>: ${p}, below ${alpha} (${test} test over ${counted(seeds.length, 'seed')}).`
      : html`That is <strong>no more than noise</strong>: ${p}, and ${alpha} was asked for (${test} test over ${counted(seeds.length, 'seed')}). More seeds would tell.`
  }${winner.times > 1 && html` Repeating each sample ${winner.times} times was better still.`}</p>`;
}

/** Traced where the table is a file; as it is where a server told it. */
export function figureOf({ file }: Pick<StudyModel, 'file'>, value: number | null, from: Origin): Html {
  return file === null ? computed(value, [], { how: 'told by the server' }) : figure(value, from);
}

function countsWords({
  done,
  running,
  failed,
  stopped,
  waiting,
}: NonNullable<StudyModel['table']>['counts']): string[] {
  const parts = [
    [done, 'done'],
    [running, 'running'],
    [failed, 'failed'],
    [stopped, 'stopped'],
    [waiting, 'to come in this step'],
  ] as const;
  return parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
}

function costWords({ wall, gpu, busy, reused }: StudyCost): Html {
  const took =
    wall &&
    html`It took ${computed(wall.value, wall.of, { format: 'duration', how: 'from its start to its end' })}; its`;
  const gpus =
    gpu.value > 0
      ? html` and held GPUs for ${computed(gpu.value / 3600, gpu.of, { how: 'time of jobs by the GPUs that they held' })} hours`
      : ', on no GPU';
  return html`${took ?? 'Its'} jobs ran for ${computed(busy.value, busy.of, { format: 'duration', how: 'sum of the jobs that its trials ran' })} in all${gpus}${reused && html`; ${counted(reused.jobs, 'job')} had been run before`}.`;
}
