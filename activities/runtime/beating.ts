import { Context } from '@temporalio/activity';

const EVERY_MS = 2_000;

/** Runs an activity with heartbeats, so that a slow disk is no lost worker. `details`: what the next attempt is to know. */
export async function beating<T>(work: () => Promise<T>, details?: () => unknown): Promise<T> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(details?.()), EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
