import type { Worker } from '@temporalio/worker';

/** Runs workers until SIGINT, SIGTERM or the death of the process that keeps them (or one fails): polling stops at once, running activities are told and end within the grace time. */
export async function runUntilSignal(workers: Worker[], signal?: AbortSignal): Promise<void> {
  const stop = () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('disconnect', stop);
  signal?.addEventListener('abort', stop);
  try {
    await Promise.all(workers.map(worker => worker.run().finally(stop)));
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    process.off('disconnect', stop);
    signal?.removeEventListener('abort', stop);
  }
}
