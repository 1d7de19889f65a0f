// What came of a trial, in words: on top of its page.
import { VBENCH_DIMENSIONS } from '../../plan/vbench-totals.ts';
import { isScore } from '../collect/scores.ts';
import { computed, figure, numberText, origin } from '../figure.ts';
import { type Html, html, named } from '../html.ts';
import type { TrialJob, TrialModel } from '../model/trial.ts';
import { facts, remark } from '../section.ts';

const GOOD = new Set(['done']);
const BAD = new Set(['failed', 'stopped', 'not finished']);

/** A state as a badge: never by its colour alone. */
export function stateBadge(state: string): Html {
  const kind = GOOD.has(state) ? 'good' : BAD.has(state) ? 'bad' : 'busy';
  return html`<span class="badge ${kind}">${state}</span>`;
}

/** The finding, then the facts, then what is missing. */
export function trialSummary(model: TrialModel): Html {
  const sentences = [stateTold(model), ...dataTold(model), ...trainingTold(model), ...scoresTold(model)];
  return html`${sentences.map(sentence => html`<p>${sentence}</p>`)}
${trialFacts(model)}
${failures(model).map(text => remark(text, 'problem'))}
${model.lacking.map(text => remark(named(text, 600), 'problem'))}`;
}

function stateTold({ state, said, jobs, iterations }: TrialModel): Html {
  const count = (...states: string[]) => jobs.filter(({ explained }) => states.includes(explained.state)).length;
  const parts = (
    [
      [count('done'), 'run'],
      [count('reused'), 'found done from earlier'],
      [count('failed'), 'failed'],
      [count('running', 'claiming'), 'under way'],
      [count('held'), 'held'],
      [count('skipped'), 'skipped'],
      [count('pending'), 'not begun'],
    ] as const
  ).filter(([number]) => number > 0);
  const words = parts.map(([number, word]) => `${number} ${word}`).join(', ');
  const message = said?.message;
  return html`${stateBadge(state)} ${jobs.length} jobs${iterations > 1 && ` in ${iterations} iterations`}: ${words}.${message && html` ${named(message, 600)}`}`;
}

function dataTold({ processing }: TrialModel): Html[] {
  return processing.flatMap(({ job, ops }) => {
    const { samples_in: before, samples_out: after } = job?.manifest?.metrics ?? {};
    if (!job || typeof before !== 'number' || typeof after !== 'number') return [];
    const place = (name: string) => origin(job.manifestFile, 'metrics', name);
    const share = computed(before > 0 ? after / before : null, [place('samples_out'), place('samples_in')], {
      format: 'percent',
      how: 'samples out of samples in',
    });
    const drops = ops.map(({ name, kept, origin: told }, i) => ({
      name,
      gone: (ops[i - 1]?.kept ?? before) - kept,
      of: [ops[i - 1]?.origin ?? place('samples_in'), told],
    }));
    const most = drops.reduce((a, b) => (b.gone > a.gone ? b : a), { name: '', gone: 0, of: [] });
    const reason =
      most.gone > 0 &&
      html`; most were dropped by <code>${most.name}</code> (${computed(most.gone, most.of, { format: 'count', how: 'left before it, less left after it' })})`;
    return [
      html`${named(job.job.metaName, 60)} kept ${figure(after, place('samples_out'), { format: 'count' })} of ${figure(before, place('samples_in'), { format: 'count' })} samples (${share})${reason}.`,
    ];
  });
}

function trainingTold({ jobs }: TrialModel): Html[] {
  return jobs.flatMap(({ job, manifest, manifestFile }) => {
    const { first_loss: first, last_loss: last, steps } = manifest?.metrics ?? {};
    if (typeof first !== 'number' || typeof last !== 'number') return [];
    const of = (name: string) => origin(manifestFile, 'metrics', name);
    const in_ = steps !== undefined && html` in ${figure(steps, of('steps'), { format: 'count' })} steps`;
    return [
      html`The loss of ${named(job.metaName, 60)} went from ${figure(first, of('first_loss'))} to ${figure(last, of('last_loss'))}${in_} (means of its first and of its last steps).`,
    ];
  });
}

/** The main score of each kind of evaluation, of what was trained against what was not. */
function scoresTold({ jobs }: TrialModel): Html[] {
  const scores = jobs.filter(each => each.manifest && isScore({ job: each.job, manifest: each.manifest }));
  const components = [...new Set(scores.map(({ job }) => job.component))];
  const told = components.flatMap(component => {
    const own = scores.filter(({ job }) => job.component === component);
    const trained = own.find(each => each.trained);
    const base = own.find(each => !each.trained);
    const name = trained && mainMetric(trained);
    const [now, before] = [trained?.manifest?.metrics[name ?? ''], base?.manifest?.metrics[name ?? '']];
    if (!trained || !base || name === undefined || typeof now !== 'number' || typeof before !== 'number') return [];
    const of = [origin(trained.manifestFile, 'metrics', name), origin(base.manifestFile, 'metrics', name)] as const;
    const difference = Math.abs(now - before);
    const word =
      now === before
        ? 'the same'
        : html`${computed(difference, of, { how: 'difference' })} ${now > before ? 'higher' : 'lower'}`;
    return [
      html`<code>${name}</code> of ${named(trained.job.metaName, 60)} is ${figure(now, of[0])}, of ${named(base.job.metaName, 60)} ${figure(before, of[1])}: ${word}.`,
    ];
  });
  if (told.length === 0) return [];
  return [
    ...told,
    html`Whether these differences are more than noise one trial cannot tell: a pool study repeats it with other seeds.`,
  ];
}

/** What a job's value is, else what it tells first. */
function mainMetric({ manifest }: TrialJob): string | undefined {
  const metrics = Object.entries(manifest?.metrics ?? {});
  const value = manifest?.results.find(result => result.kind === 'value');
  const named = value?.kind === 'value' ? metrics.find(([, metric]) => metric === value.value)?.[0] : undefined;
  return named ?? metrics.find(([name]) => !VBENCH_DIMENSIONS.includes(name))?.[0];
}

function trialFacts({ project, experiment, begunAt, endedAt, jobs, madeAt, state }: TrialModel): Html {
  const time = (ms: number | null) =>
    ms === null
      ? null
      : html`<time datetime="${new Date(ms).toISOString()}">${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC</time>`;
  const until = endedAt ?? (state === 'running' ? madeAt : null);
  const took =
    begunAt === null || until === null || until < begunAt ? null : numberText((until - begunAt) / 1000, 'duration');
  const hosts = [
    ...new Set(jobs.flatMap(({ explained }) => (explained.state === 'reused' ? [] : (explained.host ?? [])))),
  ];
  return facts([
    ['Project', named(project, 80)],
    ['Experiment', named(experiment, 80)],
    ['Begun', time(begunAt)],
    ['Ended', time(endedAt)],
    [endedAt === null && state === 'running' ? 'So far' : 'Took', took],
    ['Hosts', hosts.length > 0 ? named(hosts.join(', '), 120) : null],
  ]);
}

function failures({ jobs }: TrialModel): Html[] {
  return jobs
    .filter(({ explained }) => explained.state === 'failed')
    .map(({ job, explained }) => html`${named(job.id, 80)} ${named(explained.because[0] ?? 'failed', 600)}`);
}
