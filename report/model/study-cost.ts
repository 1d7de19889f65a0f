// What a pool study cost and what was there before, as far as files tell.
import { type Origin, origin } from '../figure.ts';
import type { StudyModel } from './study.ts';
import { originsOf, reuse, type Sum, type SweepCost, secondsOf, sum } from './sweep-cost.ts';

export interface StudyCost {
  /** Null: nothing tells when it began. */
  wall: Sum | null;
  busy: Sum;
  /** Seconds of jobs that ran, times the GPUs that they held. */
  gpu: Sum;
  jobs: SweepCost['jobs'];
  reused: SweepCost['reused'];
}

export function studyCost(model: StudyModel): StudyCost {
  const { trials, table, file, until } = model;
  const jobs = trials.flatMap(({ work }) => work.jobs);
  const ran = jobs.filter(job => job.state === 'ran' || job.segments.length > 0);
  const of: Origin[] = file === null ? [] : [origin(file, 'startedAt'), origin(file, 'finishedAt')];
  const count = (state: string) => jobs.filter(job => job.state === state).length;
  return {
    wall: table && { value: Math.max(0, until - table.startedAt) / 1000, of },
    busy: { value: sum(ran.map(job => secondsOf(job, until))), of: ran.flatMap(originsOf) },
    gpu: {
      value: sum(ran.map(job => secondsOf(job, until) * job.devices.length)),
      of: ran.filter(({ devices }) => devices.length > 0).flatMap(originsOf),
    },
    jobs: { ran: count('ran'), reused: count('reused'), open: count('open') },
    reused: reuse(model),
  };
}
