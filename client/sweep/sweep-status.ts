import type { ViewSize } from '../live-view.ts';
import { isOpen } from '../snapshot.ts';
import { leaderboardJson } from './leaderboard-view.ts';
import { bestOf, type SweepSnapshot, sweepStateOf } from './sweep-snapshot.ts';
import { sweepLines, sweepSummaryLines } from './sweep-view.ts';

/** A sweep in answer to `dj-sandbox sweep status --json`. */
export function sweepJson(snapshot: SweepSnapshot): object {
  const { board, running, result, failure } = snapshot;
  const best = board && bestOf(board.trials);
  return {
    id: snapshot.id,
    state: sweepStateOf(snapshot),
    status: snapshot.status,
    ui: snapshot.ui,
    project: board?.project ?? null,
    experiment: board?.experiment ?? null,
    workDir: board?.workDir ?? null,
    dir: board?.dir ?? null,
    spec: board?.spec ?? null,
    counts: board?.counts ?? null,
    message: failure ?? result?.reason ?? board?.message ?? null,
    waitingFor: isOpen(snapshot.status) ? snapshot.waitingFor : null,
    best: best && { trial: best.trial, objective: best.objectives[0], parameters: best.point },
    trials: board ? (leaderboardJson(board) as { trials: object[] }).trials : [],
    running: running.map(({ trial, activity }) => ({
      trial: trial.trial,
      activity: activity?.type ?? null,
      attempt: activity?.attempt ?? null,
      progress: activity?.progress ?? null,
    })),
    ledger: board?.ledger ?? null,
    startedAt: new Date(snapshot.startedAt).toISOString(),
    closedAt: snapshot.closedAt === null ? null : new Date(snapshot.closedAt).toISOString(),
    notes: board?.notes ?? [],
  };
}

/** A sweep as `dj-sandbox sweep status` prints it. */
export function sweepStatusLines(snapshot: SweepSnapshot, size: ViewSize): string[] {
  const notes = snapshot.board?.notes.map(note => `note: ${note}`) ?? [];
  const lines = isOpen(snapshot.status) ? sweepLines(snapshot, size) : sweepSummaryLines(snapshot, size).slice(1);
  return [...lines, ...notes];
}
