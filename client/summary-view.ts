import { relative } from 'node:path';
import type { Ansis } from 'ansis';
import { duration, figure } from './format.ts';
import type { Summary } from './summary.ts';
import { clean, clip, column, columns } from './text.ts';

interface Size {
  width: number;
  paint: Ansis;
}

/** What came of a trial, as lines: data before and after, losses, scores side by side, where the results are. Paths are not cut. */
export function summaryLines(summary: Summary, size: Size): string[] {
  const blocks = [
    headLines(summary, size),
    dataLines(summary, size),
    lossLines(summary, size),
    ...summary.scores.map(({ columns: heads, rows }) =>
      tableLines(
        'Scores',
        heads,
        rows.map(row => [row.score, ...row.values.map(cell)]),
        size,
      ),
    ),
    resultLines(summary, size),
    summary.notes.map(note => `note: ${clean(note)}`),
  ];
  return blocks.filter(block => block.length > 0).flatMap(block => ['', ...block]);
}

function headLines(summary: Summary, { width, paint }: Size): string[] {
  const { counts } = summary;
  const jobs = counts
    ? [
        `${counts.run} ${counts.run === 1 ? 'job' : 'jobs'} run`,
        ...(counts.reused > 0 ? [`${counts.reused} done before`] : []),
        ...(counts.skipped > 0 ? [`${counts.skipped} skipped`] : []),
      ].join(', ')
    : '';
  const targets = summary.targetsMet === null ? '' : summary.targetsMet ? 'targets met' : 'targets not met';
  const iterations = summary.iterations > 1 ? `${summary.iterations} iterations` : '';
  const facts = [jobs, iterations, targets, duration(summary.seconds)].filter(Boolean).join(', ');
  const line = clip(`Trial ${summary.id} ${summary.state}: ${facts}`, width);
  return [summary.state === 'done' ? paint.green.bold(line) : paint.red.bold(line)];
}

function dataLines({ data }: Summary, size: Size): string[] {
  if (!data) return [];
  const { before, after } = data.samples;
  const rows = [
    ['samples', cell(before), cell(after)],
    ...data.stats.map(({ stat, before, after }) => [stat, cell(before), cell(after)]),
  ];
  if (data.after === null)
    return tableLines(
      'Data (means)',
      [data.before],
      rows.map(row => row.slice(0, 2)),
      size,
    );
  return tableLines('Data (means)', ['before', 'after'], rows, size);
}

function lossLines({ losses }: Summary, { width, paint }: Size): string[] {
  const lines = losses.map(({ job, first, last, steps }) => {
    const after = steps === null ? '' : ` in ${steps} steps`;
    return clip(`  ${job}  ${figure(first)} → ${figure(last)}${after}`, width);
  });
  return lines.length > 0 ? [paint.bold('Loss, first and last'), ...lines] : [];
}

function resultLines({ results, trialDir }: Summary, { paint }: Size): string[] {
  const rows = [...results, ...(trialDir ? [{ label: 'everything', path: trialDir }] : [])];
  const labels = Math.max(0, ...rows.map(row => columns(clean(row.label))));
  const lines = rows.map(({ label, path }) => `  ${column(label, Math.min(labels, 40))}  ${clean(shorter(path))}`);
  return lines.length > 0 ? [paint.bold('Results'), ...lines] : [];
}

/** A title, headings, and rows whose first cell is a name and whose others are figures. */
function tableLines(title: string, heads: string[], rows: string[][], { width, paint }: Size): string[] {
  const table = [['', ...heads], ...rows];
  const widths = table[0]!.map((_, index) => Math.max(...table.map(cells => columns(clean(cells[index] ?? '')))));
  const line = (cells: string[]) =>
    clip(
      `  ${cells
        .map((text, index) => {
          const known = widths[index]!;
          return index === 0 ? column(text, known) : ' '.repeat(known - columns(clean(text))) + clean(text);
        })
        .join('  ')}`,
      width,
    );
  const [first, ...rest] = table.map(line);
  return [paint.bold(column(title, Math.min(columns(first!), width)).trimEnd()), paint.dim(first!), ...rest];
}

function cell(value: number | null): string {
  return value === null ? '–' : figure(value);
}

function shorter(path: string): string {
  const near = relative(process.cwd(), path);
  return near.length < path.length && !near.startsWith('..') ? `./${near}` : path;
}
