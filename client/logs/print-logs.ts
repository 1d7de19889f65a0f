import { setTimeout as sleep } from 'node:timers/promises';
import {
  type JobRecord,
  jobRecords,
  jobTitle,
  readTrialRecord,
  type TrialRecord,
} from '../../report/collect/trial-record.ts';
import { wholeNumber } from '../arguments.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { onInterruption } from '../interruption.ts';
import { chooseJobs } from '../record/choose-jobs.ts';
import { findTrial } from '../record/find-trial.ts';
import { lastLinesOffset } from './last-lines-offset.ts';
import { logFiles } from './log-files.ts';
import { jsonOutput, type LogOutput, type LogSource, plainOutput, terminalOutput } from './log-output.ts';
import { LogReader } from './log-reader.ts';

const LOOK_EVERY_MS = 500;
/** As `tail -f` begins. */
const LINES_BEFORE_FOLLOWING = '10';

export interface LogsOptions {
  job?: string;
  follow?: boolean;
  lines?: string;
  json?: boolean;
  workDir?: string;
}

/**
 * Prints the logs of a trial's jobs, and with `follow` what comes until all its jobs are done or Ctrl-C. Returns the exit code.
 * @throws CommandFailure when there is no such trial or job, or none of its jobs has a log.
 */
export async function printLogs(id: string, options: LogsOptions): Promise<number> {
  const { follow = false } = options;
  const text = options.lines ?? (follow ? LINES_BEFORE_FOLLOWING : undefined);
  const lines = text === undefined ? Number.POSITIVE_INFINITY : wholeNumber('--lines', text, 0);
  const trial = await findTrial(id, options);
  const jobs = await jobsOf(trial, options);
  const sources = await sourcesOf(jobs);
  if (sources.length === 0 && !follow) throw new CommandFailure(noLogs(jobs, id, trial), EXIT.failed);
  const output = outputFor(trial, options, sources.length > 1 || (follow && jobs.length > 1));
  const shown = new Map<string, Shown>();
  await showFirst(sources, lines, output, shown);
  if (!follow) {
    output.end();
    return EXIT.done;
  }
  return await followLogs(trial, options, output, shown);
}

async function jobsOf(trial: TrialRecord, { job }: LogsOptions): Promise<JobRecord[]> {
  return chooseJobs(await jobRecords(trial), job);
}

/** Logs that there are, job by job. */
async function sourcesOf(jobs: readonly JobRecord[]): Promise<LogSource[]> {
  const found: LogSource[] = [];
  for (const record of jobs) for (const file of await logFiles(record.dir)) found.push({ record, file });
  return found;
}

function noLogs(jobs: readonly JobRecord[], id: string, trial: TrialRecord): string {
  const [only] = jobs;
  if (jobs.length !== 1 || !only) return `no job of trial ${id} has a log in ${trial.workDir}`;
  if (only.manifest) return `${only.job.id} is done and has no log: ${only.job.component} writes none`;
  return `${only.job.id} has no log yet: it has not begun, or waits for a worker (see \`dj-sandbox explain ${id}\`)`;
}

function outputFor(trial: TrialRecord, { json = false }: LogsOptions, several: boolean): LogOutput {
  const { stdout } = process;
  if (json) return jsonOutput(stdout);
  const heading = several ? (source: LogSource) => headingOf(source, trial.plans.length) : null;
  return stdout.isTTY ? terminalOutput(stdout, { heading }) : plainOutput(stdout, { heading });
}

/** `anonymous.5-train_lora (train.easyanimate), run 2, segment 3`. */
function headingOf({ record, file }: LogSource, iterations: number): string {
  const parts = [
    `${jobTitle(record, iterations)} (${record.job.component})`,
    ...(file.program === '' ? [] : [file.program]),
    ...(file.epoch > 1 ? [`run ${file.epoch}`] : []),
    ...(file.segment !== null && file.segment > 1 ? [`segment ${file.segment}`] : []),
  ];
  return parts.join(', ');
}

/** How far a log has been shown. */
interface Shown {
  path: string;
  reader: LogReader;
}

const keyOf = ({ record, file }: LogSource) => `${record.dir} ${file.name}`;

/** The last `lines` lines of each job. */
async function showFirst(
  sources: readonly LogSource[],
  lines: number,
  output: LogOutput,
  shown: Map<string, Shown>,
): Promise<void> {
  const begin = new Map<LogSource, number>();
  const left = new Map<string, number>();
  for (const source of [...sources].reverse()) {
    const wanted = left.get(source.record.dir) ?? lines;
    const from = wanted === Number.POSITIVE_INFINITY ? { offset: 0, lines: 0 } : await lastLines(source, wanted);
    begin.set(source, from.offset);
    left.set(source.record.dir, wanted - from.lines);
  }
  for (const source of sources) {
    const reader = new LogReader(begin.get(source));
    shown.set(keyOf(source), { path: source.file.path, reader });
    for await (const bytes of reader.read(source.file.path)) output.write(source, bytes);
  }
}

async function lastLines({ file }: LogSource, count: number): Promise<{ offset: number; lines: number }> {
  return await lastLinesOffset(file.path, count).catch(() => ({ offset: 0, lines: 0 }));
}

async function followLogs(
  trial: TrialRecord,
  options: LogsOptions,
  output: LogOutput,
  shown: Map<string, Shown>,
): Promise<number> {
  const interruption = onInterruption();
  const { signal } = interruption;
  try {
    for (;;) {
      // Asked before the logs are read: what a job wrote before it was done is then all there.
      const jobs = await jobsOf((await readTrialRecord(trial.workDir, trial.id)) ?? trial, options);
      const isOver = jobs.every(({ manifest }) => manifest !== null);
      for (const source of await sourcesOf(jobs)) await showNew(source, output, shown);
      output.pause();
      if (isOver || signal.aborted) break;
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
    }
    output.end();
    return signal.aborted ? EXIT.interrupted : EXIT.done;
  } finally {
    interruption.close();
  }
}

async function showNew(source: LogSource, output: LogOutput, shown: Map<string, Shown>): Promise<void> {
  const key = keyOf(source);
  const before = shown.get(key) ?? { path: source.file.path, reader: new LogReader() };
  // A later run has its own copy of the log that it goes on from.
  const isCopy = before.path !== source.file.path;
  shown.set(key, { ...before, path: source.file.path });
  for await (const bytes of before.reader.read(source.file.path, { isCopy })) output.write(source, bytes);
}
