import { constants } from 'node:os';
import { basename } from 'node:path';
import { JobFailure } from './failure.ts';
import { adviceFor, ENDED_BY_SIGNAL } from './failure-causes.ts';
import { lastLines } from './last-lines.ts';
import type { ProgramSpec } from './program-spec.ts';
import { supervisorErrors } from './supervisor-client.ts';
import { type ExitRecord, supervisorFiles } from './supervisor-files.ts';

const QUOTED_LINES = 20;
/** Causes are looked for further back than what is quoted: launchers print tracebacks of their own after the program's. */
const SEARCHED_LINES = 120;
/** The last line of a Python traceback; a launcher's own, which only says that its child failed, does not count. */
const ERROR_LINE =
  /^(?:\[rank\d+\]: *)?(?!\S*(?:CalledProcessError|ChildFailedError))[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit)\b(?:: .*)?$/;

const LAUNCHER_ERROR = /^\S*(?:CalledProcessError|ChildFailedError)\b/;

/** What to tell of a program that ended badly: how it ended, its own last error, the likely cause and what to do. */
export async function failureOf(spec: ProgramSpec, dir: string, end: ExitRecord): Promise<JobFailure> {
  const searched = await lastLines(supervisorFiles(dir).log(end.segment), SEARCHED_LINES).catch(() => []);
  const logTail = withoutLauncher(searched).slice(-QUOTED_LINES);
  if (end.why === 'cannot-start') return new JobFailure(end.detail ?? 'the program cannot start', { logTail });
  const name = programName(spec.argv);
  if (end.why === 'nan') {
    const advice = 'lower the learning rate, or look for broken samples or too low a precision';
    return new JobFailure(`${name} was ended because its ${end.detail}: ${advice}`, { logTail });
  }
  if (end.why === 'died') {
    const words = await supervisorErrors(dir);
    return new JobFailure(`${name}: ${end.detail}: ${words.at(-1) ?? 'it left no word'}`, { logTail });
  }
  if (end.why === 'cannot-write') {
    const advice = adviceFor({ argv: spec.argv, cwd: dir, signal: null, tail: [end.detail ?? ''] });
    return new JobFailure(
      [`${name} was ended because ${end.detail}`, advice].filter(part => part !== null).join('; '),
      { logTail },
    );
  }
  const signal = signalOf(end, searched);
  const how =
    end.why === 'stalled'
      ? `was ended because ${end.detail}`
      : signal === null
        ? `exited with code ${end.code}`
        : `was killed by ${signal}`;
  const error = searched.findLast(line => ERROR_LINE.test(line.trim()))?.trim();
  const advice =
    adviceFor({ argv: spec.argv, cwd: spec.cwd, signal, tail: searched }) ??
    (end.why === 'stalled' ? 'look at what it waits for, or raise stall_after' : null);
  return new JobFailure(
    [`${name} ${how}${afterRestarts(end)}`, error, advice].filter(part => part != null).join('; '),
    { logTail },
  );
}

/** What ended the program, also where its launcher lived to tell of it. */
function signalOf(end: ExitRecord, lines: readonly string[]): string | null {
  if (end.signal !== null || end.why !== 'exited') return end.signal;
  const said = lines.map(line => ENDED_BY_SIGNAL.exec(line)).findLast(match => match !== null);
  if (said) return said[1] ?? said[2] ?? null;
  // As a shell says it.
  const number = (end.code ?? 0) - 128;
  return Object.entries(constants.signals).find(([, n]) => n === number)?.[0] ?? null;
}

function afterRestarts({ restarts = 0, checkpoint }: ExitRecord): string {
  if (restarts === 0) return '';
  const times = restarts === 1 ? 'once' : `${restarts} times`;
  return `; it was started again ${times} without progress, last from ${checkpoint ?? 'its beginning'} (max_restarts)`;
}

/** A launcher's traceback at the end of a log only says that its child failed: what the child said stands before it. */
export function withoutLauncher(lines: string[]): string[] {
  const start = lines.findLastIndex(line => line.startsWith('Traceback (most recent call last)'));
  return start > 0 && LAUNCHER_ERROR.test(lines.at(-1) ?? '') ? lines.slice(0, start) : lines;
}

/** The script that an interpreter or a launcher runs, else the program. */
function programName(argv: readonly string[]): string {
  return basename(argv.find(argument => /\.(?:py|sh|js|ts)$/.test(argument)) ?? argv[0] ?? '');
}
