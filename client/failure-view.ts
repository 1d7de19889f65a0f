import type { Ansis } from 'ansis';
import type { Snapshot } from './snapshot.ts';
import { clean, clip, wrap } from './text.ts';

const TAIL_LINES = 12;

/**
 * Which job failed, why, the last lines of its log and what to do; nothing where nothing failed.
 * The path of the log is left whole, so that it can be copied, unless `live`.
 */
export function failureLines(
  snapshot: Snapshot,
  { width, paint, live = false }: { width: number; paint: Ansis; live?: boolean },
): string[] {
  const waiting = snapshot.progress?.state === 'waiting' ? snapshot.progress.jobs.find(job => job.error) : undefined;
  const failure = snapshot.failure ?? (waiting?.error ? { message: waiting.error.why, job: waiting.error } : null);
  if (!failure) return [];
  const { job } = failure;
  const why = wrapLines(job ? `${job.job} failed: ${job.why}` : failure.message, width);
  const tail = job?.logTail.slice(-TAIL_LINES).map(line => paint.dim(clip(`  │ ${line}`, width))) ?? [];
  const log = job?.log ? [live ? clip(`log: ${job.log}`, width) : `log: ${clean(job.log)}`] : [];
  return [
    '',
    ...why.map(line => paint.red(line)),
    ...tail,
    ...log,
    ...wrap(adviceOn(snapshot, waiting !== undefined), width),
  ];
}

/** Keeps the line breaks of a message, such as one diagnostic a line. */
function wrapLines(message: string, width: number): string[] {
  return message.split('\n').flatMap(line => wrap(line, width));
}

function adviceOn(snapshot: Snapshot, waits: boolean): string {
  if (waits) {
    return `It waits for your decision: mend the cause (or \`dj-sandbox set ${snapshot.id} path=value\`), then \`dj-sandbox retry ${snapshot.id}\`, or \`skip\`, or \`stop\`.`;
  }
  if (snapshot.failure?.job) return 'Mend the cause and run it again: jobs that are done are not run a second time.';
  return 'Mend the config and run it again.';
}
