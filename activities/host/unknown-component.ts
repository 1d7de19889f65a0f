import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { FAILURES, type JobFailureDetails, type JobRef } from '../../plan/protocol.ts';

/** Stands in for components that this worker was not told of: without it the server would have it tried again for ever, without a word. */
export async function unknownComponent({ job }: JobRef): Promise<never> {
  const { activityType, taskQueue } = Context.current().info;
  const why = `the worker of queue ${taskQueue} has no component ${activityType}: start it with the --components (or \`components\` of temporal-dev.yaml) that the control worker has`;
  const details: JobFailureDetails = { job, why, logTail: [], log: null };
  throw ApplicationFailure.nonRetryable(why, FAILURES.job, details);
}
