import { Context } from '@temporalio/activity';
import { Client, Connection } from '@temporalio/client';
import { ActivityCancellationDetails } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, it } from 'vitest';
import { Cancelled, WorkerShutdown } from '../../../activities/runtime/end-reason.ts';
import { endSignal } from '../../../activities/runtime/end-signal.ts';

/** Nothing listens there. */
const unreachable = new Client({ connection: Connection.lazy({ address: '127.0.0.1:1', connectTimeout: 200 }) });

/** Why an activity is ended that Temporal cancels for `details`. */
async function reasonFor(details: ConstructorParameters<typeof ActivityCancellationDetails>[0], leaving?: AbortSignal) {
  const environment = new MockActivityEnvironment();
  const reason = environment.run(async () => {
    const signal = endSignal(Context.current(), unreachable, leaving);
    if (!signal.aborted) await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }));
    return signal.reason as Error;
  });
  if (!leaving) environment.cancel('CANCELLED', new ActivityCancellationDetails(details));
  return await reason;
}

it('ends the program where someone cancelled the job', async () => {
  expect(await reasonFor({ cancelRequested: true })).toBeInstanceOf(Cancelled);
});

it.each([
  ['the worker shuts down', { workerShutdown: true }],
  ['the activity is paused', { paused: true }],
  ['the server no longer knows the attempt, and cannot be asked why', { notFound: true }],
])('leaves the program running where %s', async (_, details) => {
  expect(await reasonFor(details)).toBeInstanceOf(WorkerShutdown);
});

it('leaves a claimed program at once to the next worker where its own is told to stop', async () => {
  expect(await reasonFor({}, AbortSignal.abort())).toMatchObject({ message: 'the worker was stopped' });
});
