// The messages that users and clients send to workflows: public interface.
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Json } from '../plan/plan.ts';
import type {
  JobReport,
  Leaderboard,
  PlanRef,
  Promotion,
  StudyTable,
  SweepStanding,
  TrialProgress,
  TrialReport,
} from '../plan/protocol.ts';
import type { Budget, Decision, Point, Space } from '../plan/sweep/types.ts';

/** A running training saves a checkpoint and frees its host; any other running job is left to end. Then the trial waits. */
export const pause = defineSignal('pause');
export const resume = defineSignal('resume');
/** As pause, but waits at most a minute for the checkpoint, and then ends the trial as `stopped`; a second one does not wait. Results stay. */
export const stop = defineSignal('stop');

/** Updates, because the sender wants to know whether there is such a job and whether it waits. */
export const retryJob = defineUpdate<void, [{ job?: string }]>('retryJob');
export const skipJob = defineUpdate<void, [{ job?: string }]>('skipJob');
/** Changes config of jobs that have not run yet; compiled before it is accepted. */
export const setConfig = defineUpdate<{ changed: string[] }, [Record<string, Json>]>('setConfig');

export const progress = defineQuery<TrialProgress>('progress');
/** `{pipeline: {meta_name: {output: value}}}`. */
export const context = defineQuery<Record<string, Record<string, Record<string, Json>>>>('context');
/** `<meta_name>.<metric>` → value. */
export const metrics = defineQuery<Record<string, number>>('metrics');
export const plan = defineQuery<PlanRef | null>('plan');

/** From a host, to the trial whose long program runs there. */
export const jobReport = defineSignal<[JobReport]>('jobReport');

/** To a trial of a sweep that waits at a rung: its training goes on to the next. */
export const promote = defineSignal<[Promotion]>('promote');

// Messages of sweeps; they also take `pause`, `resume` and `stop`.

/** From trials: a rung was reached, or the trial has ended. */
export const trialReport = defineSignal<[TrialReport]>('trialReport');

/** Keys that are absent stay as they are; null: no limit. */
export const setBudget = defineUpdate<void, [Partial<Budget> & { target?: number | null }]>('setBudget');
export const setConcurrency = defineUpdate<void, [number]>('setConcurrency');
/** Trials begun from now on are of this space; given as `parameters` of a sweep file. */
export const setSpace = defineUpdate<{ space: Space }, [Record<string, Json>]>('setSpace');
export const stopTrial = defineUpdate<void, [{ trial: number }]>('stopTrial');
/** A point of the user's own, tried next; answers with its number in the queue. */
export const enqueueTrial = defineUpdate<{ queued: number }, [Point]>('enqueueTrial');

export const leaderboard = defineQuery<Leaderboard>('leaderboard');
/** The last 100 decisions; `decisions.jsonl` has all. */
export const decisions = defineQuery<Decision[]>('decisions');
/** Both at once: each query of a sweep that has ended replays its last run. */
export const standing = defineQuery<SweepStanding>('standing');

// Messages of pool studies; they also take `pause`, `resume`, `stop`, `trialReport`, `setConcurrency` and `stopTrial`.

/** What was found so far. */
export const table = defineQuery<StudyTable>('table');
