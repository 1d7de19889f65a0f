// The messages that users and clients send to workflows: public interface.
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Json } from '../plan/plan.ts';
import type { PlanRef, TrialProgress } from '../plan/protocol.ts';

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
