// What a sweep looks like in a terminal: a snapshot in, lines out.

import { decisionText } from '../../plan/sweep/decision-text.ts';
import { pointText } from '../../plan/sweep/point-text.ts';
import type { SweepSpec } from '../../plan/sweep/types.ts';
import { duration, figure } from '../format.ts';
import { paintState, type ViewSize } from '../live-view.ts';
import { runningDetails, runningSpeed } from '../running-details.ts';
import { isOpen } from '../snapshot.ts';
import { clean, clip, column, columns, wrap } from '../text.ts';
import { leaderboardLines } from './leaderboard-view.ts';
import { bestOf, type RunningTrial, type SweepSnapshot, sweepStateOf } from './sweep-snapshot.ts';

const MOST_BEST = 10;
const MOST_DECISIONS = 6;

/** The whole view; no line is wider than `width` columns, and with a `height` there are no more lines than that. */
export function sweepLines(snapshot: SweepSnapshot, size: ViewSize): string[] {
  const head = [...headLines(snapshot, size), ...waitingLines(snapshot, size)];
  const { board } = snapshot;
  if (!board) return head;
  const running = snapshot.running.map(one => runningLine(one, board.spec.parameters, size));
  const unseen = board.counts.running - running.length;
  if (isOpen(snapshot.status) && unseen > 0)
    running.push(size.paint.dim(clip(`  … and ${unseen} more that run`, size.width)));
  const room = size.height === undefined ? Number.POSITIVE_INFINITY : size.height - head.length - running.length - 1;
  const decisions = decisionLines(snapshot, Math.min(MOST_DECISIONS, room - 2), size);
  const best = bestLines(snapshot, Math.min(MOST_BEST, room - decisions.length - 2), size);
  return [...head, ...running, ...best, ...decisions];
}

function headLines(snapshot: SweepSnapshot, { width, paint }: ViewSize): string[] {
  const state = sweepStateOf(snapshot);
  const seconds = ((snapshot.closedAt ?? snapshot.now) - snapshot.startedAt) / 1000;
  const right = `${state}  ${duration(seconds)}`;
  const left = column(`sweep ${snapshot.id}`, Math.max(0, width - columns(right) - 1));
  const lines = [`${paint.bold(left)} ${paintState(state, right, paint)}`];
  const { board } = snapshot;
  if (board) {
    lines.push(clip(`${board.project} / ${board.experiment}: ${settingsText(board.spec)}`, width));
    lines.push(clip(countsText(snapshot), width));
  }
  if (snapshot.ui) lines.push(paint.dim(clip(snapshot.ui, width)));
  return lines;
}

/** `tpe, asha, 2 at once, seed 0`. */
function settingsText({ sampler, earlyTerminate, concurrency, seed }: Omit<SweepSpec, 'space'>): string {
  const early = earlyTerminate ? [earlyTerminate.type] : [];
  return [sampler, ...early, `${concurrency} at once`, `seed ${seed}`].join(', ');
}

/** `12 of 30 begun: 2 running, 3 waiting, 6 done, 1 failed; best 0.812 (trial 9)`. */
export function countsText({ board }: Pick<SweepSnapshot, 'board'>): string {
  if (!board) return '';
  const { counts, spec } = board;
  const states = (['running', 'waiting', 'done', 'failed', 'stopped'] as const)
    .filter(state => counts[state] > 0)
    .map(state => `${counts[state]} ${state}`);
  const cap = spec.budget.runCap === null ? '' : ` of ${spec.budget.runCap}`;
  const best = bestOf(board.trials);
  const bestText = best ? `; best ${figure(best.objectives[0]!)} (trial ${best.trial})` : '';
  return `${counts.begun}${cap} begun${states.length > 0 ? `: ${states.join(', ')}` : ''}${bestText}`;
}

/** A trial that runs, in one line: its job, how far that is, what it tries. */
export function runningLine(
  { trial, activity }: RunningTrial,
  parameters: readonly string[],
  { width, paint }: ViewSize,
): string {
  const rung = trial.rungs.at(-1);
  const details = [
    ...runningDetails(activity, width),
    pointText(trial.point, parameters),
    ...(rung ? [`${figure(rung.value)} at step ${rung.step}`] : []),
    ...runningSpeed(activity),
  ];
  const name = `trial ${trial.trial}`.padEnd(10);
  const job = width < 60 ? '' : `${column(activity?.type ?? '', 20)} `;
  return `${paint.cyan('▸')} ${clip(`${name} ${job}${details.join('  ')}`, width - 2)}`;
}

function waitingLines({ status, trouble, waitingFor, board }: SweepSnapshot, { width, paint }: ViewSize): string[] {
  if (!isOpen(status)) return [];
  const waiting = waitingFor ?? board?.message ?? null;
  return [
    ...(trouble ? [paint.yellow(clip(`! ${trouble}`, width))] : []),
    ...(waiting ? [paint.yellow(clip(`! ${waiting}`, width))] : []),
  ];
}

function bestLines({ board }: SweepSnapshot, most: number, size: ViewSize): string[] {
  const trials = (board?.trials ?? []).filter(({ status }) => status === 'done' || status === 'waiting');
  if (!board || trials.length === 0 || most < 1) return [];
  return ['', ...leaderboardLines({ ...board, trials: trials.slice(0, most) }, size)];
}

function decisionLines({ decisions }: SweepSnapshot, most: number, { width, paint }: ViewSize): string[] {
  const shown = most < 1 ? [] : decisions.slice(-most);
  if (shown.length === 0) return [];
  return ['', ...shown.map(one => paint.dim(clip(`${one.t.slice(11, 19)}  ${decisionText(one)}`, width)))];
}

/** What came of a sweep that has ended: its leaderboard, and what to do with it. Paths are not cut. */
export function sweepSummaryLines(snapshot: SweepSnapshot, size: ViewSize): string[] {
  const { board, result, failure, id } = snapshot;
  const state = sweepStateOf(snapshot);
  const why = failure ?? result?.reason ?? board?.message ?? '';
  const head = wrap(`Sweep ${id} ${state}${why === '' ? '' : `: ${why}`}`, size.width);
  const lines = ['', ...head.map(line => (state === 'done' ? size.paint.green.bold(line) : size.paint.red.bold(line)))];
  if (!board) return lines;
  lines.push(clip(countsText(snapshot), size.width), '');
  lines.push(...leaderboardLines({ ...board, trials: board.trials.slice(0, MOST_BEST) }, size));
  if (board.trials.length > MOST_BEST) lines.push(size.paint.dim(`… all of them: dj-sandbox sweep leaderboard ${id}`));
  lines.push('', `decisions: ${clean(board.ledger.path)}`);
  if (bestOf(board.trials)) lines.push(`The winning recipe: dj-sandbox sweep best ${id} --out recipe.yaml`);
  return lines;
}
