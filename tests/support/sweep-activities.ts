import { ApplicationFailure } from '@temporalio/common';
import type { CompileArgs, JobRef, SweepActivities, SweepOpened, TrialSkeleton } from '../../plan/protocol.ts';
import type { Decision } from '../../plan/sweep/types.ts';
import { done, job, skeleton } from './skeletons.ts';

/** What the control worker would do for a sweep, without files: `decisions` is what decisions.jsonl would hold. */
export function sweepControl(opened: SweepOpened, jobs = [job('p.1-judge', { metaName: 'judge' })]) {
  const decisions: Decision[] = [];
  const compiled: CompileArgs[] = [];
  const activities = {
    openSweep: async () => opened,
    checkSteering: async ({ points = [] }: Parameters<SweepActivities['checkSteering']>[0]) => {
      if (points.some(point => 'nothing' in point))
        throw ApplicationFailure.nonRetryable('"nothing" names nothing', 'ConfigError');
      return { space: opened.spec.space };
    },
    suggestPoints: async ({ next, count }: Parameters<SweepActivities['suggestPoints']>[0]) =>
      Array.from({ length: count }, (_, i) => ({
        point: { 'train.extra_configs.lr': (next + i) / 100 },
        reason: 'asked',
      })),
    recordDecisions: async (args: Parameters<SweepActivities['recordDecisions']>[0]) => {
      decisions.push(...args.decisions);
      return { ...args.ledger, lines: decisions.length, bytes: decisions.length };
    },
    trialEnds: async () => ({}),
    sweepIsOpen: async () => true,
    compileTrial: async (args: CompileArgs): Promise<TrialSkeleton> => {
      compiled.push(args);
      return skeleton(jobs);
    },
    finishIteration: async () => ({ targetsMet: null, targets: [], iterValues: {} }),
    tagStatus: async (tag: string) => ({ served: false, message: `no worker serves tag ${tag}` }),
    awaitWorker: async () => {},
  };
  return { decisions, compiled, activities };
}

/** A job of a sweep's trial that tells `score(trial)`. */
export const judgeBy = (score: (trial: number) => number) => async (ref: JobRef) =>
  done(ref, { metrics: { score: score(Number(/trial-(\d+)$/.exec(ref.trial.id)?.[1])) } });
