// What a trial looks like in a terminal: a snapshot in, lines out.
import type { Ansis } from 'ansis';
import { whereHeld } from '../plan/held.ts';
import { JOB_SYMBOLS } from '../plan/job-symbols.ts';
import type { JobState, JobStatus } from '../plan/protocol.ts';
import { failureLines } from './failure-view.ts';
import { bar, duration, figure, speed } from './format.ts';
import { isOpen, type RunningActivity, type Snapshot, stateOf } from './snapshot.ts';
import { clip, column, columns } from './text.ts';

export interface ViewSize {
  /** Columns of the terminal. */
  width: number;
  /** Rows of the terminal; jobs beyond it are summed up. */
  height?: number;
  /** Paints: one that knows no colours (`new Ansis(0)`) makes plain text. */
  paint: Ansis;
}

/** Below so many columns there is no room for bars and components. */
const NARROW = 60;

/** The whole view; no line is wider than `width` columns. */
export function liveLines(snapshot: Snapshot, size: ViewSize): string[] {
  const head = headerLines(snapshot, size);
  const foot = [
    ...waitingLines(snapshot, size),
    ...(isOpen(snapshot.status) ? failureLines(snapshot, { ...size, live: true }) : []),
  ];
  const jobs = snapshot.progress?.jobs ?? [];
  const room = size.height === undefined ? jobs.length : Math.max(3, size.height - head.length - foot.length - 1);
  return [...head, ...windowed(jobs, room, job => jobLine(job, snapshot, size), size), ...foot];
}

function headerLines(snapshot: Snapshot, { width, paint }: ViewSize): string[] {
  const state = stateOf(snapshot);
  const seconds = ((snapshot.closedAt ?? snapshot.now) - snapshot.startedAt) / 1000;
  const right = `${state}  ${duration(seconds)}`;
  const left = column(`trial ${snapshot.id}`, Math.max(0, width - columns(right) - 1));
  const lines = [`${paint.bold(left)} ${paintState(state, right, paint)}`];
  const { progress } = snapshot;
  if (progress && (progress.project || progress.experiment)) {
    const iterations =
      progress.maxIterNum === 1
        ? ''
        : `, iteration ${progress.iteration}${progress.maxIterNum > 0 ? ` of ${progress.maxIterNum}` : ''}`;
    lines.push(clip(`${progress.project} / ${progress.experiment}${iterations}`, width));
  }
  if (snapshot.ui) lines.push(paint.dim(clip(snapshot.ui, width)));
  return lines;
}

/** A state, or a text about it, in its colour. */
export function paintState(state: string, text: string, paint: Ansis): string {
  if (state === 'done') return paint.green(text);
  if (state === 'failed' || state === 'stopped') return paint.red(text);
  if (state === 'waiting' || state === 'paused') return paint.yellow(text);
  return paint.cyan(text);
}

/** Jobs around the one that runs, with a line for those that found no room above and below. */
function windowed(
  jobs: JobStatus[],
  room: number,
  line: (job: JobStatus) => string,
  { width, paint }: ViewSize,
): string[] {
  if (jobs.length <= room) return jobs.map(line);
  const current = jobs.findIndex(
    job => job.state === 'running' || job.state === 'claiming' || job.state === 'held' || job.state === 'failed',
  );
  const rows = Math.max(1, room - 2);
  const first = Math.min(Math.max(0, current - Math.floor(rows / 2)), jobs.length - rows);
  const lines = jobs.slice(first, first + rows).map(line);
  const rest = (count: number, where: string) => paint.dim(clip(`  … ${count} more jobs ${where}`, width));
  if (first > 0) lines.unshift(rest(first, 'above'));
  const below = jobs.length - first - rows;
  if (below > 0) lines.push(rest(below, 'below'));
  return lines;
}

/** One job in one line: symbol, title, what is known of its progress by importance, seconds. */
export function jobLine(job: JobStatus, snapshot: Snapshot, { width, paint }: ViewSize): string {
  const end = job.finishedAt ?? (isOpen(snapshot.status) ? snapshot.now : snapshot.closedAt) ?? snapshot.now;
  const time = job.startedAt === null ? '' : duration((end - job.startedAt) / 1000);
  const details = detailsOf(job, activityOf(job, snapshot), width);
  const name = nameOf(job, snapshot, width);
  const timeWidth = width < 40 ? 0 : width < NARROW ? 7 : 8;
  const room = Math.max(0, width - 2 - columns(name) - 2 - timeWidth);
  const middle = column(joined(details, room), room);
  const symbol = paintJob(job.state, JOB_SYMBOLS[job.state], paint);
  const painted = job.state === 'pending' ? paint.dim(name) : name;
  return `${symbol} ${painted}  ${middle}${timeWidth > 0 ? time.padStart(timeWidth) : ''}`.trimEnd();
}

/** Component and meta_name (only the latter in a narrow terminal), in columns that leave at least half of the line to what happens. */
function nameOf(job: JobStatus, { progress }: Snapshot, width: number): string {
  const jobs = progress?.jobs ?? [job];
  const longest = (texts: string[]) => Math.max(...texts.map(columns));
  if (width < NARROW) {
    const names = Math.min(longest(jobs.map(each => each.title)), Math.floor(width * 0.36));
    return column(job.title, names);
  }
  const room = Math.floor(width * 0.46);
  const kindsWanted = longest(jobs.map(each => each.activity));
  const titles = Math.min(longest(jobs.map(each => each.title)), Math.max(room - kindsWanted, Math.floor(room / 2)));
  const kinds = Math.min(kindsWanted, room - titles);
  return `${column(job.activity, kinds)} ${column(job.title === job.activity ? '' : job.title, titles)}`;
}

function paintJob(state: JobState, text: string, paint: Ansis): string {
  if (state === 'done' || state === 'reused') return paint.green(text);
  if (state === 'failed') return paint.red(text);
  if (state === 'held') return paint.yellow(text);
  if (state === 'running' || state === 'claiming') return paint.cyan(text);
  return paint.dim(text);
}

/** As many details as clip, the most important first. */
function joined(details: string[], room: number): string {
  let line = '';
  for (const detail of details) {
    const longer = line === '' ? detail : `${line}  ${detail}`;
    if (columns(longer) <= room) line = longer;
    else if (line === '') return clip(detail, room);
  }
  return line;
}

/** The activity that works on a job: the one whose heartbeat names it, else the one of its type or its claim. */
export function activityOf(job: JobStatus, { activities }: Snapshot): RunningActivity | null {
  if (job.state !== 'running' && job.state !== 'claiming') return null;
  const type = job.state === 'claiming' ? 'claimJob' : job.activity;
  return (
    activities.find(activity => activity.progress?.job === job.id) ??
    activities.find(activity => activity.type === type && activity.progress === null) ??
    null
  );
}

function detailsOf(job: JobStatus, activity: RunningActivity | null, width: number): string[] {
  if (job.state === 'done' || job.state === 'skipped') return partsOf(job);
  if (job.state === 'reused') return ['done before'];
  if (job.state === 'failed') return [job.error?.why ?? 'failed'];
  if (job.state === 'held') return [job.held ? whereHeld(job.held) : 'held', ...partsOf(job)];
  if (job.state === 'pending') return [];
  const details: string[] = [];
  const progress = activity?.progress;
  const unit = progress?.unit ?? 'step';
  if (progress?.step !== undefined && progress.total) {
    const size = width >= 140 ? 24 : width >= 100 ? 16 : 8;
    const steps = `${progress.step}/${progress.total}`;
    details.push(width < NARROW ? steps : `${bar(progress.step, progress.total, size)} ${steps}`);
  } else if (progress?.step !== undefined) details.push(`${unit} ${progress.step}`);
  else details.push(progress?.phase ?? waitOf(job, activity));
  if (progress?.loss !== undefined) details.push(`loss ${figure(progress.loss)}`);
  if (progress?.eta) details.push(`${duration(progress.eta)} left`);
  if (activity && activity.attempt > 1) details.push(`attempt ${activity.attempt}`);
  details.push(...partsOf(job));
  if (progress?.speed !== undefined) details.push(speed(progress.speed, unit));
  if (progress?.step !== undefined && progress.phase) details.push(progress.phase);
  if (progress?.checkpoint !== undefined) details.push(progress.checkpoint);
  if (job.host) details.push(`on ${job.host}`);
  return details;
}

function waitOf(job: JobStatus, activity: RunningActivity | null): string {
  if (activity === null || activity.started) return job.state;
  if (activity.lastFailure) return activity.lastFailure;
  return `waiting for ${job.host ?? `a worker with tag ${job.tag}`}`;
}

function partsOf(job: JobStatus): string[] {
  if (!job.parts || job.parts.length === 0) return [];
  const over = job.parts.filter(part => part.state === 'done' || part.state === 'reused').length;
  const now = job.parts.find(part => part.state === 'running');
  return [now ? `part ${over + 1}/${job.parts.length} ${now.name}` : `${over}/${job.parts.length} parts`];
}

function waitingLines(snapshot: Snapshot, { width, paint }: ViewSize): string[] {
  const lines: string[] = [];
  const waiting = snapshot.waitingFor ?? snapshot.progress?.waitingFor;
  if (snapshot.trouble) lines.push(paint.yellow(clip(`! ${snapshot.trouble}`, width)));
  if (waiting && isOpen(snapshot.status)) lines.push(paint.yellow(clip(`! waiting: ${waiting}`, width)));
  return lines;
}
