import { VICTIMS, type Victim } from './processes.ts';

/** What runs when something dies. */
export const WORKS = ['process', 'train', 'infer', 'score', 'publish'] as const;
export type Work = (typeof WORKS)[number];
/** `done`: it has had its effect, and nobody has been told. */
export const MOMENTS = ['start', 'middle', 'done'] as const;
export type Moment = (typeof MOMENTS)[number];

export interface Cell {
  victim: Victim;
  work: Work;
  moment: Moment;
}

/** Cells that there are: a short job has no supervisor, its program's end is its effect; publishing is the worker's own work. */
export function allCells(): Cell[] {
  const cells = WORKS.flatMap(work =>
    VICTIMS.flatMap(victim => MOMENTS.map((moment): Cell => ({ victim, work, moment }))),
  );
  return cells.filter(({ victim, work, moment }) => {
    if (work === 'process') return victim !== 'supervisor' && !(victim === 'trainer' && moment === 'done');
    return work !== 'publish' || (victim !== 'supervisor' && victim !== 'trainer');
  });
}

export const VICTIM_NAMES: Record<Victim, string> = {
  control: 'control worker',
  host: 'host worker',
  server: 'server',
  supervisor: 'supervisor',
  trainer: 'program',
};
export const WORK_NAMES: Record<Work, string> = {
  process: 'probe or process job',
  train: 'training',
  infer: 'inference',
  score: 'evaluation',
  publish: 'publishing',
};
export const MOMENT_NAMES: Record<Moment, string> = {
  start: 'at its start',
  middle: 'in its middle',
  done: 'done, not acknowledged',
};
