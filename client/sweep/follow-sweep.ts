import type { Server } from '../connect.ts';
import { EXIT } from '../failure.ts';
import type { FollowOptions } from '../follow.ts';
import { onInterruption } from '../interruption.ts';
import { type Watched, watch } from '../live-terminal.ts';
import { paintFor } from '../paint.ts';
import { isOpen } from '../snapshot.ts';
import { observeSweep, observeSweepOrWait } from './observe-sweep.ts';
import { SweepPlainView } from './sweep-plain-view.ts';
import { type SweepSnapshot, sweepStateOf } from './sweep-snapshot.ts';
import { sweepLines, sweepSummaryLines } from './sweep-view.ts';

const POLL_MS = 1_000;

/** Watches a sweep until it ends, then says what came of it; Ctrl-C only stops watching. Returns the exit code. */
export async function followSweep(server: Server, id: string, options: FollowOptions = {}): Promise<number> {
  const { stream = process.stdout } = options;
  const interruption = options.signal ? null : onInterruption();
  const snapshot = await watchSweep(server, id, stream, options.signal ?? interruption!.signal).finally(() =>
    interruption?.close(),
  );
  if (isOpen(snapshot.status)) {
    stream.write(
      `\nThe sweep goes on. Watch it again: dj-sandbox watch ${id}   Stop it: dj-sandbox sweep stop ${id}\n`,
    );
    return EXIT.interrupted;
  }
  const size = { width: stream.columns ?? 160, paint: paintFor(stream) };
  for (const line of sweepSummaryLines(snapshot, size)) stream.write(`${line}\n`);
  return sweepExitCode(snapshot);
}

/** 0 when the sweep is done, 1 when it failed or was stopped. */
export function sweepExitCode(snapshot: SweepSnapshot): number {
  return sweepStateOf(snapshot) === 'done' ? EXIT.done : EXIT.failed;
}

async function watchSweep(
  server: Server,
  id: string,
  stream: NodeJS.WriteStream,
  signal: AbortSignal,
): Promise<SweepSnapshot> {
  const plain = new SweepPlainView();
  const watched: Watched<SweepSnapshot> = {
    look: last => (last ? observeSweepOrWait(server, id, last) : observeSweep(server, id)),
    isOver: ({ status }) => !isOpen(status),
    live: sweepLines,
    plain: snapshot => plain.lines(snapshot),
    every: POLL_MS,
  };
  return await watch(watched, stream, signal);
}
