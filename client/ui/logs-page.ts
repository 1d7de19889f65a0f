// What the programs of a trial's jobs wrote: the end of one log at a time, with nothing in it that does more than show.
import { open } from 'node:fs/promises';
import { type JobRecord, jobRecords, jobTitle, readTrialRecord } from '../../report/collect/trial-record.ts';
import { type Html, html, named, visible } from '../../report/html.ts';
import { remark } from '../../report/section.ts';
import { harmless } from '../logs/harmless-lines.ts';
import { lastLinesOffset } from '../logs/last-lines-offset.ts';
import { type LogFile, logFiles } from '../logs/log-files.ts';
import { live, plainPage } from './layout.ts';
import { isOver } from './list-query.ts';
import { runPath } from './places.ts';
import type { Look, SeenRun } from './runs.ts';

const EVERY_MS = 2_000;
const LINES = [200, 1_000, 5_000];
/** A log of one endless line is not read whole. */
const MOST_BYTES = 4 * 1024 * 1024;
/** As `tail` of a terminal would wrap it to screens. */
const MOST_LINE = 4_000;

export interface LogQuery {
  /** `<job id> <log name>`; '': the newest. */
  log: string;
  lines: number;
}

export function readLogQuery(search: URLSearchParams): LogQuery {
  const lines = Number(search.get('lines'));
  return { log: (search.get('log') ?? '').slice(0, 1_000), lines: LINES.includes(lines) ? lines : LINES[0]! };
}

interface Log {
  name: string;
  title: string;
  file: LogFile;
}

/** The page of a trial's logs. */
export async function logsPage(look: Look, run: SeenRun, query: LogQuery): Promise<string> {
  const logs = await logsOf(run);
  const chosen = logs.find(({ name }) => name === query.log) ?? logs.at(-1);
  const title = html`Logs of <a href="${runPath(run.place, run.id)}">${named(run.id)}</a>`;
  const content = chosen ? await endHtml(run, logs, chosen, query) : remark('None of its jobs has a log yet.');
  return plainPage(look, {
    title,
    tab: `Logs of ${run.id}`,
    section: { id: 'logs', title: 'What its programs wrote', html: content },
  });
}

/** The choice of a log, and the end of the one that is chosen. */
async function endHtml(run: SeenRun, logs: readonly Log[], chosen: Log, query: LogQuery): Promise<Html> {
  const search = `?${new URLSearchParams({ log: chosen.name, lines: String(query.lines) })}`;
  const path = (below: string) => `${runPath(run.place, run.id, below)}${search}`;
  return html`<form class="filter" action="${runPath(run.place, run.id, 'logs')}" method="get">
<label>Log <select name="log">${logs.map(({ name, title }) => html`<option value="${name}" ${name === chosen.name && 'selected'}>${title}</option>`)}</select></label>
<label>Last lines <select name="lines">${LINES.map(count => html`<option value="${count}" ${count === query.lines && 'selected'}>${count}</option>`)}</select></label>
<button type="submit">Show</button> <a href="${path('log.txt')}">as plain text</a>
</form>
${live('log', path('log'), isOver(run.state) ? null : EVERY_MS, logBody(await endOf(chosen.file.path, query.lines)))}`;
}

const logBody = (lines: readonly string[]): Html =>
  html`<pre class="log" tabindex="0" role="region" aria-label="End of the log">${lines.join('\n')}</pre>`;

/** The end of a log as the page's script gets it, or as plain text; null where there is none of that name. */
export async function logText(run: SeenRun, query: LogQuery, as: 'html' | 'text'): Promise<string | null> {
  const logs = await logsOf(run);
  const chosen = query.log === '' ? logs.at(-1) : logs.find(({ name }) => name === query.log);
  if (!chosen) return null;
  const lines = await endOf(chosen.file.path, query.lines);
  return as === 'html' ? String(logBody(lines)) : `${lines.join('\n')}\n`;
}

/** All logs of a trial, in the order of its jobs. */
async function logsOf(run: SeenRun): Promise<Log[]> {
  const record = run.workDir === null ? null : await readTrialRecord(run.workDir, run.id);
  if (!record) return [];
  const logs: Log[] = [];
  for (const each of await jobRecords(record))
    for (const file of await logFiles(each.dir)) logs.push(logOf(each, file, record.plans.length));
  return logs;
}

function logOf(record: JobRecord, file: LogFile, iterations: number): Log {
  const parts = [
    jobTitle(record, iterations),
    ...(file.program === '' ? [] : [file.program]),
    ...(file.epoch > 1 ? [`run ${file.epoch}`] : []),
    ...(file.segment !== null && file.segment > 1 ? [`segment ${file.segment}`] : []),
  ];
  return { name: `${record.job.id} ${record.iteration} ${file.name}`, title: visible(parts.join(', ')), file };
}

/** The last lines of a log, each harmless; of one that is gone, none. */
async function endOf(path: string, count: number): Promise<string[]> {
  const from = await lastLinesOffset(path, count).catch(() => null);
  if (!from) return [];
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const start = Math.max(from.offset, size - MOST_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
    const lines = buffer.toString('utf8', 0, bytesRead).replace(/\n$/, '').split('\n');
    return lines.map(line => visible(harmless(line)).slice(0, MOST_LINE));
  } finally {
    await file.close();
  }
}
