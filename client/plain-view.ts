// The view of a trial where nothing can be redrawn: a line a change, and now and then one of progress.
import { Ansis } from 'ansis';
import type { JobStatus } from '../plan/protocol.ts';
import { duration } from './format.ts';
import { activityOf, jobLine } from './live-view.ts';
import { type Snapshot, stateOf } from './snapshot.ts';
import { clean } from './text.ts';

const PROGRESS_EVERY_MS = 10_000;
const WIDTH = 160;
const NO_COLOURS = new Ansis(0);

/** Remembers what it has said, so that each snapshot gives only what is new. */
export class PlainView {
  private state = '';
  private note = '';
  private said = new Map<string, { state: string; at: number; line: string }>();

  /** Lines to print for this snapshot: state changes, and at most one progress line a job in 10 s. */
  lines(snapshot: Snapshot): string[] {
    const at = `[${duration((snapshot.now - snapshot.startedAt) / 1000)}]`;
    const lines: string[] = [];
    const state = stateOf(snapshot);
    if (state !== this.state) lines.push(`trial ${snapshot.id}: ${state}`);
    this.state = state;
    for (const job of snapshot.progress?.jobs ?? []) lines.push(...this.jobLines(job, snapshot));
    const note = snapshot.trouble ?? snapshot.waitingFor ?? snapshot.progress?.waitingFor ?? '';
    if (note !== this.note && note !== '') lines.push(clean(`waiting: ${note}`));
    this.note = note;
    return lines.map(line => `${at} ${line}`);
  }

  private jobLines(job: JobStatus, snapshot: Snapshot): string[] {
    const now = snapshot.now;
    const before = this.said.get(job.id) ?? { state: 'pending', at: now, line: '' };
    const line = jobLine(job, snapshot, { width: WIDTH, paint: NO_COLOURS });
    const changed = job.state !== before.state;
    const moves = activityOf(job, snapshot)?.progress != null && now - before.at >= PROGRESS_EVERY_MS;
    if (!changed && !(moves && line !== before.line)) {
      this.said.set(job.id, before);
      return [];
    }
    this.said.set(job.id, { state: job.state, at: now, line });
    return [line.replace(/ {3,}/g, '  ')];
  }
}
