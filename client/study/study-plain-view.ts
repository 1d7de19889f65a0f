// The view of a study where nothing can be redrawn: a line a point that is known, and now and then one of progress.
import type { StudyTable } from '../../plan/protocol.ts';
import { pointTitle, shortNumber, stageHead } from '../../plan/study/table-text.ts';
import { duration } from '../format.ts';
import { clean } from '../text.ts';
import { type StudySnapshot, studyStateOf } from './observe-study.ts';
import { countsText } from './study-view.ts';

const PROGRESS_EVERY_MS = 15_000;

/** Remembers what it has said, so that each snapshot gives only what is new. */
export class StudyPlainView {
  #state = '';
  #trouble = '';
  #told = new Set<string>();
  #toldAt: number | null = null;

  lines(snapshot: StudySnapshot): string[] {
    const lines: string[] = [];
    const state = studyStateOf(snapshot);
    if (state !== this.#state) lines.push(`study ${snapshot.id}: ${state}`);
    this.#state = state;
    const trouble = snapshot.trouble ?? '';
    if (trouble !== this.#trouble && trouble !== '') lines.push(`waiting: ${trouble}`);
    this.#trouble = trouble;
    if (snapshot.table) lines.push(...this.#news(snapshot.table), ...this.#progress(snapshot.table, snapshot.now));
    const at = `[${duration((snapshot.now - snapshot.startedAt) / 1000)}]`;
    return lines.map(line => clean(`${at} ${line}`));
  }

  #news({ stages, spec }: StudyTable): string[] {
    const once = (key: string, line: string) => {
      if (this.#told.has(key)) return [];
      this.#told.add(key);
      return [line];
    };
    return stages.flatMap(stage => [
      ...once(stage.kind, stageHead(stage)),
      ...stage.points.flatMap(point =>
        point.scores.flatMap((score, i) =>
          score === null
            ? []
            : once(
                // A pool that is not repeated has its scores from before.
                `${point.id} ${point.samples} ${i}`,
                `${pointTitle(point)}, ${point.samples} samples, seed ${spec.seeds[i]}: ${spec.metric.name} ${shortNumber(score)}`,
              ),
        ),
      ),
    ]);
  }

  #progress(table: StudyTable, now: number): string[] {
    this.#toldAt ??= now;
    if (now - this.#toldAt < PROGRESS_EVERY_MS) return [];
    this.#toldAt = now;
    return [countsText(table)];
  }
}
