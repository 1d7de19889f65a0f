import type { Server } from './connect.ts';
import { EXIT } from './failure.ts';
import { failureLines } from './failure-view.ts';
import { paintFor, watchTrial } from './live-terminal.ts';
import { isOpen, type Snapshot, stateOf } from './snapshot.ts';
import { readSummary } from './summary.ts';
import { summaryLines } from './summary-view.ts';

const INTERRUPTED = 130;

/** Watches a trial until it ends, then says what came of it; Ctrl-C only stops watching. Returns the exit code. */
export async function follow(server: Server, id: string, stream: NodeJS.WriteStream = process.stdout): Promise<number> {
  const { snapshot, interrupted } = await watchUntilInterrupted(server, id, stream);
  if (interrupted) {
    stream.write(`\nThe trial goes on. Watch it again: dj-sandbox watch ${id}   Stop it: dj-sandbox stop ${id}\n`);
    return INTERRUPTED;
  }
  const size = { width: stream.columns ?? 160, paint: paintFor(stream) };
  const summary = await readSummary(snapshot);
  for (const line of [...failureLines(snapshot, size), ...summaryLines(summary, size)]) stream.write(`${line}\n`);
  return exitCodeOf(snapshot);
}

/** 0 when the trial is done, 1 when it failed or was stopped. */
export function exitCodeOf(snapshot: Snapshot): number {
  return stateOf(snapshot) === 'done' ? EXIT.done : EXIT.failed;
}

async function watchUntilInterrupted(server: Server, id: string, stream: NodeJS.WriteStream) {
  const detach = new AbortController();
  const onInterrupt = () => detach.abort();
  process.once('SIGINT', onInterrupt);
  try {
    const snapshot = await watchTrial(server, id, stream, detach.signal);
    return { snapshot, interrupted: detach.signal.aborted && isOpen(snapshot.status) };
  } finally {
    process.removeListener('SIGINT', onInterrupt);
  }
}
