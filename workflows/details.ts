import { clip } from '../plan/clip.ts';
import { whereHeld } from '../plan/held.ts';
import { JOB_SYMBOLS } from '../plan/job-symbols.ts';
import type { TrialProgress } from '../plan/protocol.ts';

const TEXT_CHARS = 1_000;

/** Where a trial stands, as Markdown for the Web UI's current details. */
export function detailsOf(progress: TrialProgress): string {
  const lines: string[] = [];
  const failed = progress.jobs.find(job => job.error);
  if (failed?.error) lines.push(`**${plainMarkdown(failed.title)} failed:** ${plainMarkdown(failed.error.why)}`, '');
  if (progress.waitingFor) lines.push(`**Waiting:** ${plainMarkdown(progress.waitingFor)}`, '');
  const iteration =
    progress.maxIterNum === 1
      ? ''
      : `, iteration ${progress.iteration}${progress.maxIterNum ? ` of ${progress.maxIterNum}` : ''}`;
  lines.push(
    `${plainMarkdown(progress.project)} / ${plainMarkdown(progress.experiment)}: ${progress.state}${iteration}`,
    '',
  );
  lines.push('| | stage | job | queue | state |', '|---|---|---|---|---|');
  for (const job of progress.jobs) {
    const parts = job.parts ? ` (${job.parts.filter(part => part.state === 'done').length}/${job.parts.length})` : '';
    lines.push(
      `| ${JOB_SYMBOLS[job.state]} | ${job.stage} | ${plainMarkdown(job.title)}${parts} | ${plainMarkdown(job.host ?? job.tag)} | ${job.state}${job.held ? ` ${plainMarkdown(whereHeld(job.held))}` : ''} |`,
    );
  }
  if (progress.trialDir) lines.push('', `Results: ${plainMarkdown(progress.trialDir)}`);
  return lines.join('\n');
}

/** User text in a Markdown table must neither end a cell nor become markup. */
export function plainMarkdown(text: string): string {
  return clip(text.replace(/\s+/g, ' '), TEXT_CHARS).replace(/[\\|`*_~<>&[\]#]/g, '\\$&');
}
