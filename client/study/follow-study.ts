import type { Server } from '../connect.ts';
import { EXIT } from '../failure.ts';
import type { FollowOptions } from '../follow.ts';
import { onInterruption } from '../interruption.ts';
import { type Watched, watch } from '../live-terminal.ts';
import { isOpen } from '../snapshot.ts';
import { observeStudy, observeStudyOrWait, type StudySnapshot, studyStateOf } from './observe-study.ts';
import { StudyPlainView } from './study-plain-view.ts';
import { studyLines, studySummaryLines } from './study-view.ts';

const POLL_MS = 1_000;

/** Watches a study until it ends, then says what came of it; Ctrl-C only stops watching. Returns the exit code. */
export async function followStudy(server: Server, id: string, options: FollowOptions = {}): Promise<number> {
  const { stream = process.stdout } = options;
  const interruption = options.signal ? null : onInterruption();
  const plain = new StudyPlainView();
  const watched: Watched<StudySnapshot> = {
    look: last => (last ? observeStudyOrWait(server, id, last) : observeStudy(server, id)),
    isOver: ({ status }) => !isOpen(status),
    live: studyLines,
    plain: snapshot => plain.lines(snapshot),
    every: POLL_MS,
  };
  const signal = options.signal ?? interruption!.signal;
  const snapshot = await watch(watched, stream, signal).finally(() => interruption?.close());
  if (isOpen(snapshot.status)) {
    stream.write(
      `\nThe study goes on. Watch it again: dj-sandbox watch ${id}   Stop it: dj-sandbox study stop ${id}\n`,
    );
    return EXIT.interrupted;
  }
  for (const line of studySummaryLines(snapshot, { width: stream.columns ?? 200 })) stream.write(`${line}\n`);
  return studyExitCode(snapshot);
}

/** 0 when the study is done, 1 when it failed or was stopped. */
export function studyExitCode(snapshot: StudySnapshot): number {
  return studyStateOf(snapshot) === 'done' ? EXIT.done : EXIT.failed;
}
