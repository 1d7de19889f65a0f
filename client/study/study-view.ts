// A study as lines for a terminal or a log.
import type { StudyTable } from '../../plan/protocol.ts';
import { aboutLine, operatorCells, stageCells, stageHead } from '../../plan/study/table-text.ts';
import { duration } from '../format.ts';
import type { ViewSize } from '../live-view.ts';
import { runningDetails, runningSpeed } from '../running-details.ts';
import { clip, column, columns } from '../text.ts';
import { type StudySnapshot, studyStateOf } from './observe-study.ts';

/** Which end of which operator helps, and all points by stage; the last columns give way where the terminal is narrow. */
export function studyTableLines(table: StudyTable, { width }: Pick<ViewSize, 'width'>): string[] {
  const { operators, stages, notes } = table;
  const lines = [
    aboutLine(table),
    '',
    ...(operators.length > 0 ? [...aligned(operatorCells(operators)), ''] : ['nothing has been tried yet', '']),
    ...stages.flatMap(stage => [stageHead(stage), ...aligned(stageCells(stage)), '']),
    ...notes.map(note => `note: ${note}`),
  ];
  return lines.map(line => clip(line, width));
}

function aligned(cells: string[][]): string[] {
  const widths = cells[0]!.map((_, i) => Math.max(...cells.map(row => columns(row[i] ?? ''))));
  return cells.map((row, line) =>
    row
      .map((cell, i) => column(line === 0 ? cell.toUpperCase() : cell, widths[i]!))
      .join('  ')
      .trimEnd(),
  );
}

/** How many trials ran and run. */
export function countsText({ counts }: Pick<StudyTable, 'counts'>): string {
  const { begun, running, waiting, done, failed, stopped } = counts;
  return `${begun} trials begun: ${running} running, ${done} done, ${failed} failed, ${stopped} stopped; ${waiting} to come in this step`;
}

/** A study while it runs, for a terminal. */
export function studyLines(
  snapshot: StudySnapshot,
  { width, height = Number.POSITIVE_INFINITY }: Pick<ViewSize, 'width' | 'height'>,
): string[] {
  const { id, table, trouble, startedAt, now, ui } = snapshot;
  const head = [
    `study ${id}: ${studyStateOf(snapshot)}, ${duration((now - startedAt) / 1000)}${ui ? `   ${ui}` : ''}`,
    ...(trouble === null ? [] : [`waiting: ${trouble}`]),
    ...(table ? [countsText(table)] : []),
    ...snapshot.running.map(one => runningLine(one, width)),
    ...(table ? [''] : []),
  ].map(line => clip(line, width));
  const lines = [...head, ...(table ? studyTableLines(table, { width }) : [])];
  return lines.slice(0, Math.max(1, height - 1));
}

/** A trial that runs: its job, and how far that is. */
function runningLine({ id, activity }: StudySnapshot['running'][number], width: number): string {
  const job = width < 60 ? [] : [column(activity?.type ?? '', 20)];
  const name = `trial ${id.slice(id.lastIndexOf('-') + 1)}`.padEnd(10);
  return `▸ ${[name, ...job, ...runningDetails(activity, width), ...runningSpeed(activity)].join('  ')}`;
}

/** What came of a study. */
export function studySummaryLines(snapshot: StudySnapshot, { width }: Pick<ViewSize, 'width'>): string[] {
  const { id, table, result, failure, startedAt, closedAt, now } = snapshot;
  const took = duration(((closedAt ?? now) - startedAt) / 1000);
  const why = failure ?? result?.reason ?? table?.message;
  return [
    `study ${id}: ${studyStateOf(snapshot)} after ${took}${why ? `: ${why}` : ''}`,
    ...(table ? [countsText(table), '', ...studyTableLines(table, { width })] : []),
    ...(result?.files?.recipe ? [`recipe: ${result.files.recipe}`] : []),
    ...(result?.files ? [`table:  ${result.files.table}`] : []),
  ];
}

/** A study in answer to `--json`. */
export function studyJson(snapshot: StudySnapshot): object {
  const { id, status, ui, table, result, failure, startedAt, closedAt, trouble } = snapshot;
  return {
    id,
    state: studyStateOf(snapshot),
    status,
    ui,
    message: failure ?? result?.reason ?? table?.message ?? null,
    waitingFor: trouble,
    running: snapshot.running,
    winner: result?.winner ?? table?.winner ?? null,
    files: result?.files ?? null,
    counts: table?.counts ?? result?.counts ?? null,
    table: table && tableJson(table),
    startedAt: new Date(startedAt).toISOString(),
    closedAt: closedAt === null ? null : new Date(closedAt).toISOString(),
  };
}

/** A table in answer to `--json`; times are ISO 8601. */
export function tableJson(table: StudyTable): object {
  const { startedAt, finishedAt } = table;
  return {
    ...table,
    startedAt: new Date(startedAt).toISOString(),
    finishedAt: finishedAt === null ? null : new Date(finishedAt).toISOString(),
  };
}
