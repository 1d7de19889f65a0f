import type { Followed } from '../follow.ts';
import { observeSweep, observeSweepOrWait } from './observe-sweep.ts';
import { SweepPlainView } from './sweep-plain-view.ts';
import { type SweepSnapshot, sweepStateOf } from './sweep-snapshot.ts';
import { sweepJson } from './sweep-status.ts';
import { sweepLines, sweepSummaryLines } from './sweep-view.ts';

export const followedSweep: Followed<SweepSnapshot> = {
  name: 'sweep',
  stop: 'dj-sandbox sweep stop',
  observe: observeSweep,
  observeOrWait: observeSweepOrWait,
  live: sweepLines,
  plain: () => new SweepPlainView(),
  every: 1_000,
  summary: sweepSummaryLines,
  state: sweepStateOf,
  json: sweepJson,
};
