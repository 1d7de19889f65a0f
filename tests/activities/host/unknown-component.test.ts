import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, it } from 'vitest';
import { unknownComponent } from '../../../activities/host/unknown-component.ts';
import type { JobRef } from '../../../plan/protocol.ts';

it('a job of a component that the worker was not told of fails at once and says how to start the worker', async () => {
  const environment = new MockActivityEnvironment({ activityType: 'evaluate.word-count', taskQueue: 'cpu' });
  const failing = environment.run(unknownComponent, { job: 'p.1-words' } as JobRef);
  await expect(failing).rejects.toMatchObject({
    type: 'JobFailed',
    nonRetryable: true,
    message: expect.stringContaining(
      'the worker of queue cpu has no component evaluate.word-count: start it with the --components',
    ),
    details: [{ job: 'p.1-words' }],
  });
});
