import { clip, column, columns } from './text.ts';
import type { TrialRow } from './trials.ts';

/** What a row shows of a run. */
export type Listed = Pick<TrialRow, 'id' | 'kind' | 'state' | 'project' | 'experiment' | 'stage' | 'job' | 'startedAt'>;

/** Trials and sweeps as a table no wider than `width` columns; the last columns give way first. */
export function listLines(rows: readonly Listed[], width: number, what: 'trials' | 'sweeps' = 'trials'): string[] {
  if (rows.length === 0)
    return [`no ${what} yet: start one with \`dj-sandbox ${what === 'sweeps' ? 'sweep start' : 'run'} --config FILE\``];
  const table = [
    [what === 'sweeps' ? 'SWEEP' : 'TRIAL', 'STATE', 'STARTED', 'PROJECT', 'EXPERIMENT', 'AT'],
    ...rows.map(row => [
      row.id,
      row.state,
      row.startedAt.replace('T', ' ').slice(0, 19),
      row.project,
      row.experiment,
      row.kind !== 'trial' ? row.kind : [row.stage, row.job].filter(Boolean).join(' '),
    ]),
  ];
  const widths = table[0]!.map((_, index) => Math.max(...table.map(cells => columns(cells[index]!))));
  return table.map(cells =>
    clip(
      cells
        .map((cell, index) => column(cell, widths[index]!))
        .join('  ')
        .trimEnd(),
      width,
    ),
  );
}
