import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { ControlActivities } from '../../plan/protocol.ts';
import { compileTrial } from './compile-trial.ts';
import { finishIteration } from './finish-iteration.ts';
import { tagStatus } from './tag-status.ts';

const LOOK_EVERY_MS = 1_000;

/** Activities of the control worker. */
export function controlActivities(client: Client): ControlActivities {
  return {
    compileTrial,
    finishIteration,
    tagStatus: tag => tagStatus(client, tag),
    awaitWorker: async tag => {
      const context = Context.current();
      while (!(await tagStatus(client, tag)).served) {
        context.heartbeat(tag);
        await context.sleep(LOOK_EVERY_MS);
      }
    },
  };
}
