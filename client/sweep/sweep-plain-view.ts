// The view of a sweep where nothing can be redrawn: a line a decision, and now and then one of progress.
import { Ansis } from 'ansis';
import { decisionText } from '../../plan/sweep/decision-text.ts';
import { duration } from '../format.ts';
import { clean } from '../text.ts';
import { type SweepSnapshot, sweepStateOf } from './sweep-snapshot.ts';
import { countsText, runningLine } from './sweep-view.ts';

const PROGRESS_EVERY_MS = 15_000;
const SIZE = { width: 160, paint: new Ansis(0) };

/** Remembers what it has said, so that each snapshot gives only what is new. */
export class SweepPlainView {
  private state = '';
  private note = '';
  private seq = 0;
  private toldAt: number | null = null;

  /** Lines to print for this snapshot: state changes, decisions, and every 15 s how the trials that run get on. */
  lines(snapshot: SweepSnapshot): string[] {
    const lines: string[] = [];
    const state = sweepStateOf(snapshot);
    if (state !== this.state) lines.push(`sweep ${snapshot.id}: ${state}`);
    this.state = state;
    for (const decision of snapshot.decisions) {
      if (decision.seq <= this.seq) continue;
      lines.push(decisionText(decision));
      this.seq = decision.seq;
    }
    const note = snapshot.trouble ?? snapshot.waitingFor ?? '';
    if (note !== this.note && note !== '') lines.push(`waiting: ${note}`);
    this.note = note;
    lines.push(...this.progress(snapshot));
    const at = `[${duration((snapshot.now - snapshot.startedAt) / 1000)}]`;
    return lines.map(line => clean(`${at} ${line}`));
  }

  private progress(snapshot: SweepSnapshot): string[] {
    this.toldAt ??= snapshot.now;
    if (snapshot.running.length === 0 || snapshot.now - this.toldAt < PROGRESS_EVERY_MS) return [];
    this.toldAt = snapshot.now;
    const parameters = snapshot.board?.spec.parameters ?? [];
    const trials = snapshot.running.map(one => runningLine(one, parameters, SIZE).replace(/ {3,}/g, '  '));
    return [countsText(snapshot), ...trials];
  }
}
