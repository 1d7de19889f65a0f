import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bootId, startOf } from './host-clock.ts';

/** Must equal PROTOCOL in python/supervisor/directory.py. */
export const PROTOCOL = 1;
/** A worker goes on with supervisors of this protocol and later ones up to its own. */
const OLDEST_ADOPTED = 1;

/** A program's directory, file by file; see python/supervisor. */
export const supervisorFiles = (dir: string) => ({
  spec: join(dir, 'spec.json'),
  supervisor: join(dir, 'supervisor.json'),
  exit: join(dir, 'exit.json'),
  metrics: join(dir, 'metrics.jsonl'),
  segments: join(dir, 'segments.json'),
  stderr: join(dir, 'supervisor-stderr.txt'),
  ctl: join(dir, 'ctl'),
  log: (segment: number) => join(dir, `log-${segment}.txt`),
});

/** supervisor.json: who supervises the program, or did. */
export interface SupervisorRecord {
  pid: number;
  /** Clock ticks since boot. */
  start: number;
  boot: string;
  epoch: number;
  segment: number;
  protocol: number;
  log: string;
  /** Null between two segments and while a checkpoint is chosen. */
  trainer: { pid: number; start: number | null } | null;
}

/** exit.json: how the newest segment ended. */
export interface ExitRecord {
  segment: number;
  epoch: number;
  code: number | null;
  signal: string | null;
  why:
    | 'exited'
    | 'nan'
    | 'stalled'
    | 'died'
    | 'cannot-start'
    | 'cannot-write'
    | 'stopped'
    | 'held'
    | 'terminated'
    | 'deadline'
    | 'superseded';
  /** In words, where there is more to say than the exit status. */
  detail: string | null;
  /** False: ended before its time, another segment may go on. */
  final: boolean;
  /** Processes that could not be ended. */
  left: number[];
  /** Restarts without progress before it. Absent, like the next two, in what version 0.1 wrote. */
  restarts?: number;
  /** The newest complete checkpoint and its step. */
  checkpoint?: string | null;
  step?: number | null;
}

/** JSON of a file that its writer replaces in one step; null where there is none. */
export async function readRecord<T>(path: string): Promise<T | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch (error) {
    if (error instanceof SyntaxError || ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return null;
    throw error;
  }
}

/**
 * The program's live supervisor, or null. A process id alone is never trusted: the process must have started when the record says, in
 * the same boot of the host. Throws when it speaks a protocol that this worker does not.
 */
export async function liveSupervisor(dir: string): Promise<SupervisorRecord | null> {
  const record = await anySupervisor(dir);
  if (!record || (record.protocol >= OLDEST_ADOPTED && record.protocol <= PROTOCOL)) return record;
  throw new Error(
    `the program in ${dir} runs under a supervisor of protocol ${record.protocol}, this worker speaks ${PROTOCOL}: start a worker of ` +
      `the supervisor's version here, or end the program with \`kill ${record.pid}\`, and its job goes on from its newest checkpoint`,
  );
}

/** As `liveSupervisor`, whatever its protocol: the devices of a program that cannot be adopted are not free. */
export async function anySupervisor(dir: string): Promise<SupervisorRecord | null> {
  const record = await readRecord<SupervisorRecord>(supervisorFiles(dir).supervisor);
  return record && record.boot === (await bootId()) && (await startOf(record.pid)) === record.start ? record : null;
}

/** Segment of the newest log; 0 where there is none. */
export async function newestSegment(dir: string): Promise<number> {
  const names = await readdir(dir);
  return Math.max(0, ...names.map(name => Number(/^log-(\d+)\.txt$/.exec(name)?.[1] ?? 0)));
}
