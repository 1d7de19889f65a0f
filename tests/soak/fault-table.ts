import type { CellReport } from './cell.ts';
import { type Cell, MOMENT_NAMES, MOMENTS, VICTIM_NAMES, WORK_NAMES } from './cells.ts';

/** The reports as a Markdown table: a row for what dies during what, a column for when. */
export function faultTable(reports: readonly CellReport[]): string {
  const rows = new Map<string, CellReport[]>();
  for (const report of reports) {
    const name = `| ${VICTIM_NAMES[report.victim]} | ${WORK_NAMES[report.work]} |`;
    rows.set(name, [...(rows.get(name) ?? []), report]);
  }
  const head = `| what dies | during | ${MOMENTS.map(moment => MOMENT_NAMES[moment]).join(' | ')} |`;
  const lines = [...rows].map(([name, cells]) => {
    const texts = MOMENTS.map(moment => textOf(cells.find(cell => cell.moment === moment)));
    return `${name} ${texts.join(' | ')} |`;
  });
  return [head, '|---|---|---|---|---|', ...lines].join('\n');
}

/** `2 steps, 0.9 s`. */
function textOf(report: CellReport | undefined): string {
  if (!report) return '–';
  if (report.broken.length > 0) return '**broken**';
  const seconds = report.secondsToProgress === null ? '' : `${report.secondsToProgress.toFixed(1)} s`;
  return report.stepsLost === 0 ? seconds : `${report.stepsLost} steps, ${seconds}`;
}

/** A cell as a sentence's start. */
export function cellName({ victim, work, moment }: Cell): string {
  return `${VICTIM_NAMES[victim]} killed during ${WORK_NAMES[work]}, ${MOMENT_NAMES[moment]}`;
}
