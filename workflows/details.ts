import { clip } from '../plan/clip.ts';
import { duration, figure } from '../plan/figures.ts';
import { whereHeld } from '../plan/held.ts';
import { JOB_SYMBOLS } from '../plan/job-symbols.ts';
import type { JobReport, JobStatus, TrialProgress } from '../plan/protocol.ts';
import { sparkline } from '../plan/sparkline.ts';
import { logBlock, plainMarkdown, tableRow, tableRule } from './markdown.ts';

/** Numbers of a finished job that are shown. */
const SHOWN_METRICS = 4;
const NAME_CHARS = 80;
const HEADS = ['', 'stage', 'job', 'where', 'state', 'time', ''];

/** Where a trial stands, as Markdown for the Web UI's current details: what needs somebody first, then what runs, then the table of jobs. */
export function detailsOf(progress: TrialProgress): string {
  const { state, jobs, waitingFor, trialDir } = progress;
  const lines = jobs.flatMap(failureLines);
  if (waitingFor) lines.push(`**Waiting:** ${plainMarkdown(waitingFor)}`, '');
  lines.push(`${nameOf(progress)}: ${state}${iterationOf(progress)}`, '');
  for (const job of jobs) if (job.report) lines.push(...reportLines(job, job.report), '');
  lines.push(tableRow(HEADS), tableRule(HEADS.length), ...jobs.map(row));
  if (trialDir) lines.push('', `Results: ${plainMarkdown(trialDir)}`);
  return lines.join('\n');
}

/** `project / experiment`; their search attributes have more of a long one. */
export function nameOf({ project, experiment }: Pick<TrialProgress, 'project' | 'experiment'>): string {
  return [project, experiment].map(name => plainMarkdown(clip(name, NAME_CHARS))).join(' / ');
}

function iterationOf({ iteration, maxIterNum }: TrialProgress): string {
  if (maxIterNum === 1) return '';
  return `, iteration ${iteration}${maxIterNum ? ` of ${maxIterNum}` : ''}`;
}

/** Cause, the log's last lines, and what to do. */
function failureLines({ id, title, error }: JobStatus): string[] {
  if (!error) return [];
  return [
    `**${plainMarkdown(title)} failed:** ${plainMarkdown(error.why)}`,
    '',
    ...logBlock(error.logTail),
    ...(error.log === null ? [] : [`Log: ${plainMarkdown(error.log)}`, '']),
    `**What to do:** mend the cause and start the trial again (what is done is not done again), or, while it waits: \`retryJob\` or \`skipJob\` of ${plainMarkdown(id)}, or \`stop\``,
    '',
  ];
}

/** `**train** ▇▅▃▂ loss 0.12, step 1200 of 6000, ends about 1 Dec 14:20 UTC, saved checkpoint-1200 (told 1 Dec 13:05 UTC)`. */
function reportLines({ title }: JobStatus, report: JobReport): string[] {
  const { loss, step, total, unit, endsAt, checkpoint, at } = report;
  const facts = [
    ...(loss.length > 0 ? [`${sparkline(loss, loss.length)} loss ${figure(loss.at(-1)!)}`] : []),
    `${plainMarkdown(unit)} ${step} of ${total} (${Math.floor((100 * step) / Math.max(1, total))}%)`,
    `ends about ${moment(endsAt)}`,
    ...(checkpoint === null ? [] : [`saved ${plainMarkdown(checkpoint)}`]),
  ];
  return [`**${plainMarkdown(title)}** ${facts.join(', ')} (told ${moment(at)})`];
}

function row(job: JobStatus): string {
  const parts = job.parts ? ` (${job.parts.filter(part => part.state === 'done').length}/${job.parts.length})` : '';
  return tableRow([
    JOB_SYMBOLS[job.state],
    plainMarkdown(job.stage),
    `${plainMarkdown(job.title)}${parts}`,
    whereOf(job),
    `${job.state}${job.held ? ` ${plainMarkdown(whereHeld(job.held))}` : ''}`,
    timeOf(job),
    metricsOf(job),
  ]);
}

function whereOf({ host, tag, devices }: JobStatus): string {
  const gpus = devices && devices.length > 0 ? `, GPU ${devices.join(', ')}` : '';
  return plainMarkdown(`${host ?? tag}${gpus}`);
}

function timeOf({ startedAt, finishedAt, state }: JobStatus): string {
  if (startedAt === null || state === 'reused') return '';
  return finishedAt === null ? `since ${moment(startedAt)}` : duration((finishedAt - startedAt) / 1000);
}

function metricsOf({ metrics }: JobStatus): string {
  const shown = Object.entries(metrics).slice(0, SHOWN_METRICS);
  return shown.map(([name, value]) => `${plainMarkdown(name)} ${figure(value)}`).join(', ');
}

/** `1 Dec 14:20 UTC`. */
function moment(ms: number): string {
  const [, day, month, , time] = new Date(ms).toUTCString().split(' ');
  return `${Number(day)} ${month} ${time!.slice(0, 5)} UTC`;
}
