import type { Leaderboard } from '../plan/protocol.ts';
import { plainMarkdown } from './details.ts';

const SHOWN = 10;

/** Where a sweep stands, as Markdown for the Web UI's current details: the best trials, and what it is about. */
export function sweepDetails({ project, experiment, state, counts, spec, trials, message, dir }: Leaderboard): string {
  const metrics = spec.metrics.map(({ name }) => name);
  const row = (cells: (string | number)[]) => `| ${cells.join(' | ')} |`;
  const lines = [
    `${plainMarkdown(project)} / ${plainMarkdown(experiment)}: ${state}`,
    '',
    ...(message === null ? [] : [`**${plainMarkdown(message)}**`, '']),
    `${counts.begun} begun${spec.budget.runCap === null ? '' : ` of ${spec.budget.runCap}`}: ${counts.running} running, ${counts.waiting} waiting, ${counts.done} done, ${counts.failed} failed, ${counts.stopped} stopped`,
    '',
    row(['trial', 'state', ...metrics.map(plainMarkdown), ...spec.parameters.map(plainMarkdown)]),
    row(['---', '---', ...metrics.map(() => '---'), ...spec.parameters.map(() => '---')]),
  ];
  for (const { trial, status, objectives, rungs, point } of trials.slice(0, SHOWN)) {
    const at = rungs.at(-1);
    const first = objectives[0] ?? null;
    const values = objectives.map((value, i) =>
      value === null ? (i === 0 && at ? `${at.value} at step ${at.step}` : '') : value,
    );
    const state = status === 'done' && first === null ? 'done without it' : status;
    lines.push(
      row([
        trial,
        state,
        ...values,
        ...spec.parameters.map(name => plainMarkdown(JSON.stringify(point[name] ?? null))),
      ]),
    );
  }
  lines.push('', `Decisions: ${plainMarkdown(dir)}/decisions.jsonl`);
  return lines.join('\n');
}
