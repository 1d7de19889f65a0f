import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { JobFailure } from './failure.ts';
import { bootNow, startOf } from './host-clock.ts';
import { lastLines } from './last-lines.ts';
import { pythonFile, pythonOf } from './paths.ts';
import { programEnvironment } from './program-environment.ts';
import type { ProgramSpec } from './program-spec.ts';
import {
  type ExitRecord,
  liveSupervisor,
  readRecord,
  type SupervisorRecord,
  supervisorFiles,
} from './supervisor-files.ts';

const EXIT = { cannotWrite: 74, live: 75, superseded: 77, tooOld: 78 };
const POLL_MS = 50;
/** A supervisor that was asked to stop needs 3 s at most, plus a little. */
const STOP_MS = 8_000;

/** How an attempt to start a supervisor went. `ended`: it has run to its end already; `died`: it left no word. */
export type Started = 'running' | 'ended' | 'taken' | 'died';

/** Plain isolated Python: the supervisor uses the standard library only. */
function python(): [string, ...string[]] {
  const own = pythonOf('train');
  return [existsSync(own) ? own : 'python3', '-S', '-E', '-s'];
}

/**
 * Starts a supervisor, detached, for the program that `dir`/spec.json says, and waits until it is seen running.
 * @param renewedAt when the claim was last known to be live, on the boot-time clock, in seconds.
 */
export async function startSupervisor(
  dir: string,
  epoch: number,
  graceMs: number,
  renewedAt: number,
): Promise<Started> {
  const files = supervisorFiles(dir);
  const stderr = await open(files.stderr, 'a');
  const [program, ...flags] = python();
  const args = [
    ...flags,
    pythonFile('supervisor', 'supervisor.py'),
    dir,
    String(epoch),
    String(graceMs / 1000),
    String(renewedAt),
  ];
  const child = spawn(program, args, {
    cwd: dir,
    detached: true,
    stdio: ['ignore', 'ignore', stderr.fd],
    env: programEnvironment(),
  });
  child.unref();
  // Listened for before anything is awaited: a supervisor that ends at once would be waited for without end.
  const exited = once(child, 'exit').then(
    ([code]) => code as number | null,
    error => appendError(files.stderr, error as Error),
  );
  await stderr.close();
  for (;;) {
    const code = await Promise.race([exited, sleep(POLL_MS, 'running' as const)]);
    if (code !== 'running') return outcome(code, dir);
    if ((await liveSupervisor(dir))?.pid === child.pid) return 'running';
  }
}

async function appendError(path: string, error: Error): Promise<null> {
  await writeFile(path, `${error.message}\n`, { flag: 'a' });
  return null;
}

function outcome(code: number | null, dir: string): Started {
  if (code === 0) return 'ended';
  if (code === EXIT.live) return 'taken';
  if (code === EXIT.cannotWrite) throw new JobFailure(`${dir} cannot be written to: is its disk full, or read-only?`);
  if (code === EXIT.superseded) throw new Error(`a newer run of ${dir} exists: this one gives way`);
  if (code === EXIT.tooOld)
    throw new Error(`the claim of ${dir} was not renewed within its grace time: it must be claimed again`);
  return 'died';
}

/** The last words of supervisors that died. */
export function supervisorErrors(dir: string): Promise<string[]> {
  return lastLines(supervisorFiles(dir).stderr, 10).catch(() => []);
}

/** Tells the supervisor that the claim was live at `renewedAt` (boot-time clock, seconds). */
export function renewClaim(dir: string, epoch: number, renewedAt: number): Promise<void> {
  return tell(dir, `${epoch}.json`, { epoch, t: renewedAt });
}

/**
 * Asks the program in `dir` to give its devices back with its state saved. It goes on until then; whoever runs it gets ProgramHeld.
 * `asked`: it saves at its next step. `waits`: it ends after its next checkpoint. `cannot`: it has no checkpoints, and goes on. `ended`: it does not run.
 */
export async function holdProgram(dir: string, epoch: number): Promise<'asked' | 'waits' | 'cannot' | 'ended'> {
  const { spec: specFile, exit } = supervisorFiles(dir);
  if (!(await liveSupervisor(dir))) return 'ended';
  const spec = await readRecord<ProgramSpec>(specFile);
  if (!spec?.checkpoints) return 'cannot';
  await tell(dir, `hold-${epoch}.json`, { epoch, t: bootNow() });
  if (existsSync(exit)) {
    // It ended just before it could hear of this: the wish is not meant for its next run.
    await unholdProgram(dir, epoch);
    return 'ended';
  }
  return spec.checkpoints.canStopOnRequest ? 'asked' : 'waits';
}

/** Takes the wish to hold back; too late for a program that is just saving. */
export async function unholdProgram(dir: string, epoch: number): Promise<void> {
  await rm(join(supervisorFiles(dir).ctl, `hold-${epoch}.json`), { force: true });
}

/** Has the program in `dir` save and end when this step is done, also after it was started again; null: it runs to its end. */
export async function runUntil(dir: string, epoch: number, step: number | null): Promise<void> {
  const name = `until-${epoch}.json`;
  if (step === null) await rm(join(supervisorFiles(dir).ctl, name), { force: true });
  else await tell(dir, name, { epoch, t: bootNow(), step });
}

async function tell(dir: string, name: string, message: object): Promise<void> {
  const path = join(supervisorFiles(dir).ctl, name);
  const part = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  await writeFile(part, JSON.stringify(message));
  await rename(part, path);
}

/**
 * Ends the program in `dir` with everything that it started, and returns when all of it is gone: by its supervisor where one lives, else
 * directly. A program that has ended is left as it is. Throws where processes could not be ended.
 */
export async function stopProgram(dir: string, epoch: number, reason: string): Promise<void> {
  const files = supervisorFiles(dir);
  await mkdir(files.ctl, { recursive: true });
  // Not by the clock on the wall, which may be set back.
  const until = performance.now() + STOP_MS;
  do {
    await askToStop(dir, epoch, reason, until);
    const deaf = await liveSupervisor(dir);
    if (deaf) await kill(deaf);
    const end = await readRecord<ExitRecord>(files.exit);
    if (end && end.left.length > 0)
      throw new Error(`processes ${end.left.join(', ')} of the program in ${dir} could not be ended`);
    // Not reaped: a supervisor holds the lock that was just starting, and is to be asked in its turn.
    if (end || (await reap(dir))) return;
  } while (performance.now() < until);
  throw new Error(
    `the program in ${dir} could not be stopped: ${dir}/lock is held, but not by a supervisor of the program there`,
  );
}

async function askToStop(dir: string, epoch: number, reason: string, until: number): Promise<void> {
  for (let round = 0; performance.now() < until && (await liveSupervisor(dir)); round += 1) {
    // Said again now and then: a supervisor that was just starting may have missed it.
    if (round % 20 === 0) await tell(dir, `stop-${epoch}.json`, { epoch, t: bootNow(), reason });
    await sleep(POLL_MS);
  }
}

async function kill(supervisor: SupervisorRecord): Promise<void> {
  try {
    process.kill(supervisor.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
  while ((await startOf(supervisor.pid)) === supervisor.start) await sleep(POLL_MS);
}

/** Ends what a dead supervisor left running; false where one lives. */
async function reap(dir: string): Promise<boolean> {
  const [program, ...flags] = python();
  const stderr = await open(supervisorFiles(dir).stderr, 'a');
  const child = spawn(program, [...flags, pythonFile('supervisor', 'reap.py'), dir], {
    stdio: ['ignore', 'ignore', stderr.fd],
  });
  const exited = once(child, 'exit');
  await stderr.close();
  const [code] = await exited;
  if (code === 0) return true;
  if (code === EXIT.live) return false;
  throw new Error(`what is left of the program in ${dir} could not be ended: ${(await supervisorErrors(dir)).at(-1)}`);
}
