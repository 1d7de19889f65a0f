import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { type ControlActivities, FAILURES, type StudyActivities, type SweepActivities } from '../../plan/protocol.ts';
import type { Tracker } from '../../plan/watching.ts';
import { beating } from '../runtime/beating.ts';
import { fileSystemSentence } from '../runtime/errno.ts';
import { JobFailure } from '../runtime/failure.ts';
import { appendDecisions } from '../runtime/ledger.ts';
import { followedParent, followedTrial } from '../watch/follow-file.ts';
import type { RunWatch } from '../watch/run-watch.ts';
import { checkSteering } from './check-steering.ts';
import { compileTrial } from './compile-trial.ts';
import { finishIteration } from './finish-iteration.ts';
import { openSweep } from './open-sweep.ts';
import { gatherPools } from './study/gather-pools.ts';
import { openStudy } from './study/open-study.ts';
import { writeStudy } from './study/write-study.ts';
import { suggestPoints } from './suggest-points.ts';
import { tagStatus } from './tag-status.ts';
import { sweepIsOpen, trialEnds } from './trial-ends.ts';

const LOOK_EVERY_MS = 1_000;

/** What another attempt would meet again fails the trial, in a sentence. A cancellation ends it at once, whatever it waits for. */
async function orForGood<T>(work: Promise<T>): Promise<T> {
  try {
    return await Promise.race([work, Context.current().cancelled]);
  } catch (error) {
    const sentence = error instanceof JobFailure ? error.message : fileSystemSentence(error);
    throw sentence === null ? error : ApplicationFailure.nonRetryable(sentence, FAILURES.config);
  }
}

/** Whom control activities tell of runs, and the trackers of trials whose config names none. */
export interface Watchers {
  watch: RunWatch;
  trackers: readonly Tracker[];
}

const NOBODY: Watchers = { watch: { follow: async () => {} }, trackers: [] };

/** Activities of the control worker. */
export function controlActivities(
  client: Client,
  { watch, trackers }: Watchers = NOBODY,
): ControlActivities & SweepActivities & StudyActivities {
  return {
    compileTrial: args =>
      beating(() =>
        orForGood(compileTrial(args, plan => void watch.follow(followedTrial(plan, args.trial, args.input, trackers)))),
      ),
    finishIteration: args => beating(() => orForGood(finishIteration(args))),
    suggestPoints: args => beating(() => orForGood(suggestPoints(args, Context.current().cancellationSignal))),
    recordDecisions: ({ ledger, decisions }) => beating(() => orForGood(appendDecisions(ledger, decisions))),
    tagStatus: tag => beating(() => tagStatus(client, tag)),
    openSweep: args =>
      beating(() => orForGood(openSweep(args, plan => void watch.follow(followedParent(plan, 'sweep', args.sweep))))),
    checkSteering: args => beating(() => orForGood(checkSteering(args))),
    trialEnds: ({ ids }) => beating(() => orForGood(trialEnds(client, ids))),
    openStudy: args =>
      beating(() => orForGood(openStudy(args, plan => void watch.follow(followedParent(plan, 'study', args.study))))),
    gatherPools: args => beating(() => orForGood(gatherPools(args))),
    writeStudy: args => beating(() => orForGood(writeStudy(args))),
    sweepIsOpen: id => beating(() => orForGood(sweepIsOpen(client, id))),
    awaitWorker: async tag => {
      const context = Context.current();
      while (!(await tagStatus(client, tag)).served) {
        context.heartbeat(tag);
        await context.sleep(LOOK_EVERY_MS);
      }
    },
  };
}
