import { computed, none, type Origin, origin } from '../figure.ts';
import { type Html, html, named } from '../html.ts';
import type { Span, TrialJob, TrialModel } from '../model/trial.ts';
import { facts, remark, type Section, table } from '../section.ts';

/** What models that are asked tell of what that took; sums are taken over jobs. */
const TOLD = ['prompt_tokens', 'completion_tokens', 'total_tokens', 'cost'] as const;

/** Hours of GPUs and of jobs without, with all attempts; tokens and their price where jobs told them. Null where nothing ran. */
export function costSection({ jobs, spans, lost }: TrialModel): Section | null {
  const own = jobs.filter(
    ({ job, explained }) => explained.state !== 'reused' && spans.some(({ row }) => row === job.id),
  );
  if (own.length === 0) return null;
  const timed = own.map(job => timeOf(job, spans));
  const gpus = timed.filter(({ devices }) => devices > 0);
  const rest = timed.filter(({ devices }) => devices === 0);
  const hours = (all: typeof timed) =>
    all.reduce((sum, { seconds, devices }) => sum + seconds * Math.max(1, devices), 0) / 3600;
  const lostOf = lost.flatMap(({ file, segment }) => [
    origin(file, segment, 'ended', 'furthest'),
    origin(file, segment + 1, 'step'),
  ]);
  const lostHours =
    lost.reduce(
      (sum, { job, seconds }) => sum + seconds * Math.max(1, timed.find(each => each.job.job.id === job)?.devices ?? 1),
      0,
    ) / 3600;
  const rows = timed.map(({ job, seconds, devices, of }) => [
    named(job.job.id, 80),
    computed(seconds, of, { format: 'duration', how: 'of all of its runs' }),
    ...(gpus.length === 0 ? [] : gpuCells(devices, seconds, of, job)),
  ]);
  const columns = [
    { title: 'Job' },
    { title: 'Time', numeric: true },
    ...(gpus.length === 0 ? [] : ['GPUs', 'GPU hours'].map(title => ({ title, numeric: true }))),
  ];
  return {
    id: 'cost',
    title: 'Cost',
    html: html`${facts([
      [
        'GPU hours',
        computed(
          hours(gpus),
          gpus.flatMap(({ of }) => of),
          { how: 'time of all runs, times their GPUs' },
        ),
      ],
      [
        'Hours of jobs without GPUs',
        computed(
          hours(rest),
          rest.flatMap(({ of }) => of),
          { how: 'time of all runs' },
        ),
      ],
      [
        'Of these lost',
        lost.length === 0 ? null : computed(lostHours, lostOf, { how: 'steps that were done twice', unit: 'h' }),
      ],
      ...told(jobs),
    ])}
${gpus.length === 0 && remark('No job that has a result held a GPU: they ran on CPUs. How many cores a job kept busy is not recorded.')}
${own.some(({ manifest }) => manifest === null) && remark('Which GPUs a job held is known once it has its result: those of jobs without one are not counted.')}
${table({ caption: 'Jobs that this trial ran, with all of their attempts', columns, rows })}`,
    charts: [],
  };
}

function gpuCells(devices: number, seconds: number, of: readonly Origin[], { manifestFile }: TrialJob): Html[] {
  if (devices === 0) return [none('none'), none('none')];
  return [
    computed(devices, [origin(manifestFile, 'devices')], { how: 'how many it held' }),
    computed((seconds * devices) / 3600, of, { how: 'time of all of its runs, times its GPUs' }),
  ];
}

function timeOf(job: TrialJob, spans: readonly Span[]) {
  const own = spans.filter(({ row }) => row === job.job.id);
  const seconds = own.reduce((sum, { from, to }) => sum + (to - from), 0) / 1000;
  return { job, seconds, devices: job.manifest?.devices?.length ?? 0, of: own.flatMap(({ of }) => of) };
}

function told(jobs: readonly TrialJob[]): [string, Html][] {
  return TOLD.flatMap(name => {
    const own = jobs.filter(
      ({ manifest, explained }) => explained.state !== 'reused' && typeof manifest?.metrics[name] === 'number',
    );
    if (own.length === 0) return [];
    const of: Origin[] = own.map(({ manifestFile }) => origin(manifestFile, 'metrics', name));
    const sum = own.reduce((total, { manifest }) => total + manifest!.metrics[name]!, 0);
    const words = name.replaceAll('_', ' ');
    return [
      [
        words[0]!.toUpperCase() + words.slice(1),
        computed(sum, of, { format: name === 'cost' ? 'figure' : 'count', how: 'sum over jobs' }),
      ],
    ];
  });
}
