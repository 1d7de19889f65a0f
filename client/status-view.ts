import { failureLines } from './failure-view.ts';
import { activityOf, liveLines, type ViewSize } from './live-view.ts';
import { isOpen, type Snapshot, stateOf } from './snapshot.ts';

/** A trial in answer to `dj-sandbox status --json`. */
export function statusJson(snapshot: Snapshot): object {
  const { progress } = snapshot;
  return {
    id: snapshot.id,
    runId: snapshot.runId,
    state: stateOf(snapshot),
    status: snapshot.status,
    ui: snapshot.ui,
    project: progress?.project ?? null,
    experiment: progress?.experiment ?? null,
    trialDir: progress?.trialDir ?? null,
    iteration: progress?.iteration ?? null,
    startedAt: new Date(snapshot.startedAt).toISOString(),
    closedAt: snapshot.closedAt === null ? null : new Date(snapshot.closedAt).toISOString(),
    waitingFor: isOpen(snapshot.status) ? (snapshot.waitingFor ?? progress?.waitingFor ?? null) : null,
    jobs: (progress?.jobs ?? []).map(job => ({ ...job, running: activityOf(job, snapshot) })),
    notes: progress?.notes ?? [],
    result: snapshot.result,
    failure: snapshot.failure,
  };
}

/** A trial as `dj-sandbox status` prints it: the live view, what failed, and what the plan's notes say. */
export function statusLines(snapshot: Snapshot, size: ViewSize): string[] {
  const failure = isOpen(snapshot.status) ? [] : failureLines(snapshot, size);
  const notes = snapshot.progress?.notes.map(note => `note: ${note}`) ?? [];
  return [...liveLines(snapshot, size), ...failure, ...notes];
}
