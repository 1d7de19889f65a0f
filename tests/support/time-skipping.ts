import { join } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Runtime,
  Worker,
  type WorkerOptions,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { onTestFinished } from 'vitest';
import { packageRoot, sandboxHome } from '../../activities/runtime/paths.ts';
import { NEEDED_ATTRIBUTES } from '../../workers/search-attributes.ts';

const bundles = new Map<boolean, Promise<WorkflowBundleWithSourceMap>>();

/** The workflow bundle, made once a test file. `traced`: that of workers with `--traces`. */
export function workflowBundle(traced = false): Promise<WorkflowBundleWithSourceMap> {
  const made =
    bundles.get(traced) ??
    bundleWorkflowCode({
      workflowsPath: join(packageRoot(), 'workflows', 'index.ts'),
      workflowInterceptorModules: traced ? [join(packageRoot(), 'workflows', 'traces.ts')] : [],
      logger: new DefaultLogger('ERROR'),
    });
  bundles.set(traced, made);
  return made;
}

/** A time-skipping Temporal server from set-up's binary. */
export async function timeSkipping(): Promise<TestWorkflowEnvironment> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const path = join(sandboxHome(), 'bin', 'temporal-test-server');
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
  // It has no way to ask which there are.
  const attributes = Object.entries(NEEDED_ATTRIBUTES).map(([name, { type }]) => [name, type] as const);
  await environment.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: Object.fromEntries(attributes),
  });
  return environment;
}

type Activities = Record<string, (...args: never[]) => unknown>;

/** What the control worker is made with: its bundle, and the sinks that a traced one calls. */
export type ControlWorker = Pick<WorkerOptions, 'workflowBundle' | 'sinks'>;

/**
 * Runs `work` while a control worker and one worker for each further queue are there. A test whose time is over takes its workers with it: its next try
 * could not start any beside them.
 */
export async function withWorkers<T>(
  environment: TestWorkflowEnvironment,
  queues: Record<string, Activities>,
  work: () => Promise<T>,
  control?: ControlWorker,
): Promise<T> {
  const controlWorker = control ?? { workflowBundle: await workflowBundle() };
  const workers = await Promise.all(
    Object.entries(queues).map(([taskQueue, activities]) =>
      Worker.create({
        connection: environment.nativeConnection,
        taskQueue,
        activities,
        ...(taskQueue === 'sandbox' ? controlWorker : {}),
        maxHeartbeatThrottleInterval: '100ms',
        defaultHeartbeatThrottleInterval: '100ms',
      }),
    ),
  );
  const running = Promise.all(workers.map(worker => worker.run()));
  const stop = async () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await running;
  };
  onTestFinished(stop);
  try {
    return await Promise.race([work(), running.then(() => Promise.reject(new Error('a worker stopped')))]);
  } finally {
    await stop();
  }
}
