import type { Server } from './connect.ts';
import { EXIT } from './failure.ts';
import { failureLines } from './failure-view.ts';
import { onInterruption } from './interruption.ts';
import { watchTrial } from './live-terminal.ts';
import { paintFor } from './paint.ts';
import { isOpen, type Snapshot, stateOf } from './snapshot.ts';
import { readSummary } from './summary.ts';
import { summaryLines } from './summary-view.ts';

export interface FollowOptions {
  /** Where the view goes; default stdout. */
  stream?: NodeJS.WriteStream | undefined;
  /** Ends the watching; default Ctrl-C and the like. */
  signal?: AbortSignal | undefined;
}

/** Watches a trial until it ends, then says what came of it; Ctrl-C only stops watching. Returns the exit code. */
export async function follow(server: Server, id: string, options: FollowOptions = {}): Promise<number> {
  const { stream = process.stdout } = options;
  const snapshot = options.signal
    ? await watchTrial(server, id, stream, options.signal)
    : await watchUntilInterrupted(server, id, stream);
  if (isOpen(snapshot.status)) {
    stream.write(`\nThe trial goes on. Watch it again: dj-sandbox watch ${id}   Stop it: dj-sandbox stop ${id}\n`);
    return EXIT.interrupted;
  }
  const size = { width: stream.columns ?? 160, paint: paintFor(stream) };
  const summary = await readSummary(snapshot);
  for (const line of [...summaryLines(summary, size), ...failureLines(snapshot, size)]) stream.write(`${line}\n`);
  return exitCodeOf(snapshot);
}

/** 0 when the trial is done, 1 when it failed or was stopped. */
export function exitCodeOf(snapshot: Snapshot): number {
  return stateOf(snapshot) === 'done' ? EXIT.done : EXIT.failed;
}

async function watchUntilInterrupted(server: Server, id: string, stream: NodeJS.WriteStream): Promise<Snapshot> {
  const interruption = onInterruption();
  try {
    return await watchTrial(server, id, stream, interruption.signal);
  } finally {
    interruption.close();
  }
}
