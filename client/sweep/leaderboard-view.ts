import type { Leaderboard } from '../../plan/protocol.ts';
import { shortNames, valueText } from '../../plan/sweep/point-text.ts';
import type { SweepTrial } from '../../plan/sweep/types.ts';
import { trialIdOf } from '../../plan/trial-of.ts';
import { csvRow } from '../csv.ts';
import { duration, figure } from '../format.ts';
import type { ViewSize } from '../live-view.ts';
import { clip, column, columns } from '../text.ts';

/** What a leaderboard's table is made from: the trials in its order. */
export type Ranked = Pick<Leaderboard, 'sweep' | 'state' | 'spec' | 'counts' | 'message'> & { trials: SweepTrial[] };

/** A leaderboard in answer to `--json`; times are ISO 8601. */
export function leaderboardJson(board: Ranked): object {
  const metrics = board.spec.metrics.map(({ name, goal }) => ({ name, goal }));
  return {
    sweep: board.sweep,
    state: board.state,
    message: board.message,
    metrics,
    parameters: board.spec.parameters,
    counts: board.counts,
    trials: board.trials.map((trial, at) => ({
      rank: at + 1,
      trial: trial.trial,
      id: trialIdOf(board.sweep, trial.trial),
      state: trial.status,
      objective: trial.objectives[0] ?? null,
      objectives: Object.fromEntries(metrics.map(({ name }, i) => [name, trial.objectives[i] ?? null])),
      parameters: trial.point,
      steps: stepsOf(trial),
      gpuSeconds: trial.gpuSeconds,
      reused: trial.reused,
      rungs: trial.rungs,
      why: trial.why,
      startedAt: new Date(trial.startedAt).toISOString(),
      finishedAt: trial.finishedAt === null ? null : new Date(trial.finishedAt).toISOString(),
    })),
  };
}

/** A leaderboard as CSV (RFC 4180, lines end in a line feed): full names of parameters and metrics; what is unknown is empty. */
export function leaderboardCsv(board: Ranked): string {
  const { parameters, metrics } = board.spec;
  const heads = ['rank', 'trial', 'state', ...metrics.map(({ name }) => name), ...parameters];
  const rows = board.trials.map((trial, at) => [
    at + 1,
    trial.trial,
    trial.status,
    ...metrics.map((_, i) => trial.objectives[i] ?? ''),
    ...parameters.map(name => csvValue(trial.point[name])),
    stepsOf(trial) ?? '',
    trial.gpuSeconds,
    trial.reused,
    trial.why ?? '',
  ]);
  const table = [[...heads, 'steps', 'gpu_seconds', 'reused', 'why'], ...rows];
  return table.map(csvRow).join('');
}

function csvValue(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A leaderboard as a table no wider than the terminal; the last columns give way first. */
export function leaderboardLines(board: Ranked, { width, paint }: ViewSize): string[] {
  const { parameters, metrics } = board.spec;
  if (board.trials.length === 0) return ['no trial has begun yet'];
  const short = shortNames([...metrics.map(({ name }) => name), ...parameters]);
  const heads = [
    '#',
    'TRIAL',
    'STATE',
    ...metrics.map(({ name, goal }) => `${short.get(name)} ${goal === 'minimize' ? '↓' : '↑'}`),
    ...parameters.map(name => short.get(name)!),
    'STEPS',
    'GPU TIME',
    'REUSED',
    '',
  ];
  const rows = board.trials.map((trial, at) => [
    String(at + 1),
    String(trial.trial),
    trial.status,
    ...metrics.map((_, i) => objectiveText(trial, i)),
    ...parameters.map(name => valueText(trial.point[name])),
    String(stepsOf(trial) ?? ''),
    trial.gpuSeconds > 0 ? duration(trial.gpuSeconds) : '',
    trial.reused > 0 ? String(trial.reused) : '',
    trial.why ?? '',
  ]);
  const widths = heads.map((head, i) => Math.max(columns(head), ...rows.map(cells => columns(cells[i]!))));
  const line = (cells: string[]) => {
    const text = cells.map((cell, i) => column(cell, widths[i]!)).join('  ');
    return clip(text.trimEnd(), width);
  };
  return [
    paint.dim(line(heads)),
    ...rows.map((cells, at) => {
      const { status } = board.trials[at]!;
      const text = line(cells);
      return status === 'failed' ? paint.red(text) : status === 'done' ? text : paint.dim(text);
    }),
  ];
}

/** What a trial has told of a metric: at its end, else at its furthest rung, else nothing. */
function objectiveText({ objectives, rungs, status }: SweepTrial, metric: number): string {
  const value = objectives[metric] ?? null;
  if (value !== null) return figure(value);
  const rung = metric === 0 && status !== 'done' ? rungs.at(-1) : undefined;
  return rung ? `(${figure(rung.value)} at ${rung.step})` : '–';
}

/** Steps that it trained; of one that has not ended, those up to its furthest rung. */
function stepsOf({ steps, rungs }: SweepTrial): number | null {
  return steps ?? rungs.at(-1)?.step ?? null;
}
