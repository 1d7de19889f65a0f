import type { Leaderboard } from '../plan/protocol.ts';
import { decisionText } from '../plan/sweep/decision-text.ts';
import { shortNames } from '../plan/sweep/point-text.ts';
import type { Decision } from '../plan/sweep/types.ts';
import { nameOf } from './details.ts';
import { plainMarkdown, tableRow, tableRule } from './markdown.ts';

const SHOWN = 10;
const SHOWN_DECISIONS = 3;

/** Where a sweep stands, as Markdown for the Web UI's current details: the best trials, what was decided last, the newest first, and what it is about. */
export function sweepDetails(leaderboard: Leaderboard, decisions: readonly Decision[]): string {
  const { state, counts, spec, trials, message, dir } = leaderboard;
  const metrics = spec.metrics.map(({ name }) => name);
  const short = shortNames(spec.parameters);
  const lines = [
    `${nameOf(leaderboard)}: ${state}`,
    '',
    ...(message === null ? [] : [`**${plainMarkdown(message)}**`, '']),
    `${counts.begun} begun${spec.budget.runCap === null ? '' : ` of ${spec.budget.runCap}`}: ${counts.running} running, ${counts.waiting} waiting, ${counts.done} done, ${counts.failed} failed, ${counts.stopped} stopped`,
    '',
    tableRow([
      'trial',
      'state',
      ...metrics.map(plainMarkdown),
      ...spec.parameters.map(name => plainMarkdown(short.get(name)!)),
    ]),
    tableRule(2 + metrics.length + spec.parameters.length),
  ];
  for (const { trial, status, objectives, rungs, point } of trials.slice(0, SHOWN)) {
    const at = rungs.at(-1);
    const first = objectives[0] ?? null;
    const values = objectives.map((value, i) =>
      value === null ? (i === 0 && at ? `${at.value} at step ${at.step}` : '') : value,
    );
    const state = status === 'done' && first === null ? 'done without it' : status;
    lines.push(
      tableRow([
        trial,
        state,
        ...values,
        ...spec.parameters.map(name => plainMarkdown(JSON.stringify(point[name] ?? null))),
      ]),
    );
  }
  const last = decisions.slice(-SHOWN_DECISIONS).reverse();
  lines.push('', 'Decided last:', '', ...last.map(decision => `- ${plainMarkdown(decisionText(decision))}`));
  lines.push('', `Decisions: ${plainMarkdown(dir)}/decisions.jsonl`);
  return lines.join('\n');
}
