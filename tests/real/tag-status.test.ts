import { join } from 'node:path';
import { Context } from '@temporalio/activity';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tagStatus } from '../../activities/control/tag-status.ts';
import { sandboxHome } from '../../activities/runtime/paths.ts';

let environment: TestWorkflowEnvironment;
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), workerHeartbeatInterval: '1s' });
  const path = join(sandboxHome(), 'bin', 'temporal');
  environment = await TestWorkflowEnvironment.createLocal({ server: { executable: { type: 'existing-path', path } } });
});
afterAll(() => environment?.teardown());

it('the server tells whether a tag has a worker: before it starts, while it runs, and after it has stopped', async () => {
  const status = () => tagStatus(environment.client, 'gpu');
  expect(await status()).toMatchObject({ served: false, message: expect.stringContaining('none was seen lately') });
  const worker = await Worker.create({
    connection: environment.nativeConnection,
    taskQueue: 'gpu',
    activities: { work: async () => Context.current().info.attempt },
  });
  const running = worker.run();
  while (!(await status()).served) await new Promise(resolve => setTimeout(resolve, 50));
  expect((await tagStatus(environment.client, 'cpu')).served).toBe(false);
  worker.shutdown();
  await running;
  while ((await status()).served) await new Promise(resolve => setTimeout(resolve, 200));
});
