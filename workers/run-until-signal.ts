import type { Worker } from '@temporalio/worker';

/** npm passes on a Ctrl-C that the terminal has given us already: what comes this soon is the same one. */
const SAME_SIGNAL_MS = 300;

export interface StopOptions {
  /** Called when polling stops. */
  onStop?: () => void;
  /** A second signal ends the process at once: the first one may wait for long. */
  secondEnds?: boolean;
}

/**
 * Runs workers until SIGINT, SIGTERM or the death of the process that keeps them (or one fails): polling stops at once, running activities
 * are told and end within the grace time.
 */
export async function runUntilSignal(workers: Worker[], { onStop, secondEnds }: StopOptions = {}): Promise<void> {
  const off = () => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  };
  const stop = () => {
    onStop?.();
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    if (secondEnds) setTimeout(off, SAME_SIGNAL_MS).unref();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('disconnect', stop);
  try {
    await Promise.all(workers.map(worker => worker.run().finally(stop)));
  } finally {
    off();
    process.off('disconnect', stop);
  }
}
