import { rename } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeAtomically } from './atomic.ts';
import { Cancelled, DetachedError, leavesRunning, ProgramHeld, ProgramStopped } from './end-reason.ts';
import { JobFailure } from './failure.ts';
import { retriesByCause } from './failure-causes.ts';
import { bootNow } from './host-clock.ts';
import { MetricsFollower } from './metrics-follower.ts';
import { programDir } from './program-dir.ts';
import { failureOf } from './program-failure.ts';
import type { ProgramEnd, ProgramSpec } from './program-spec.ts';
import type { Progress } from './progress.ts';
import { ProgressMeter } from './progress-meter.ts';
import { assertSharedPattern } from './shared-pattern.ts';
import { forgetProgram, noteProgram } from './supervised.ts';
import { renewClaim, runUntil, startSupervisor, stopProgram, supervisorErrors } from './supervisor-client.ts';
import { type ExitRecord, liveSupervisor, PROTOCOL, readRecord, supervisorFiles } from './supervisor-files.ts';

const POLL_MS = 200;
const ENDING_MS = 10;
const RENEW_MS = 1_500;
/** Supervisors that died one after another without any progress of the program between, where the program has no restarts of its own. */
const MAX_DEATHS = 3;
/** Another run's supervisor that holds the lock is visible after so long, or something is wrong. */
const TAKEN_MS = 15_000;

export interface RunProgramOptions {
  /** The run's folder; see `programDir`. */
  dir: string;
  epoch: number;
  /** Leased devices: the program sees these GPUs only. Empty: whatever is there. */
  devices?: readonly string[];
  /** Aborted with `WorkerShutdown`: the program is left running. With anything else: it ends. */
  signal: AbortSignal;
  onProgress?: (progress: Omit<Progress, 'job'>) => void;
  /** Asks whether the claim is still live; while it rejects, the program's time runs out. Default: live as long as this process. */
  renew?: () => Promise<unknown>;
  /** The program is ended when nobody has renewed for so long; in milliseconds. */
  graceMs?: number;
  /** The program saves and ends when this step is done, and ProgramHeld is thrown; one without checkpoints goes on. */
  until?: number;
}

/**
 * Runs a program under a supervisor, or attaches to the one that already runs it in `dir`, or returns how it ended there.
 * Resolves when it exited with code 0. Throws JobFailure when it ended otherwise or could not start; Cancelled when it was ended at the
 * signal's wish, with everything that it had started; DetachedError when it was left running; ProgramHeld when `holdProgram` had it saved and
 * ended; ProgramStopped when someone else ended it.
 */
export async function runProgram(spec: ProgramSpec, options: RunProgramOptions): Promise<ProgramEnd> {
  const {
    dir: folder,
    devices = [],
    signal,
    onProgress = () => {},
    renew = async () => {},
    graceMs = 30 * 60_000,
    until = null,
  } = options;
  const epoch = Math.max(options.epoch, epochOf(folder));
  for (const pattern of spec.patterns) assertSharedPattern(pattern);
  const dir = await programDir(folder, spec);
  const run = new ProgramRun(spec, dir, epoch, graceMs, renew);
  try {
    signal.throwIfAborted();
    await run.attach(devices, signal, until);
    const end = await run.follow(signal, onProgress);
    await forgetProgram(dir);
    signal.throwIfAborted();
    return await run.conclude(end);
  } catch (error) {
    if (!signal.aborted) throw error;
    if (leavesRunning(signal)) throw new DetachedError(dir);
    await stopProgram(dir, epoch, 'its job was cancelled');
    await forgetProgram(dir);
    throw signal.reason instanceof Cancelled ? signal.reason : new Cancelled();
  } finally {
    run.stopRenewing();
  }
}

/** A run that claimed nothing has the epoch of its folder; 0 where the folder has none. */
function epochOf(folder: string): number {
  return Number(/^epoch-(\d+)$/.exec(basename(folder))?.[1] ?? 0);
}

/** The spec as spec.json holds it. */
function forSupervisor(spec: ProgramSpec, devices: readonly string[]): object {
  const env = devices.length > 0 ? { ...spec.env, CUDA_VISIBLE_DEVICES: devices.join(',') } : spec.env;
  const restarts = spec.restarts && { ...spec.restarts, causes: retriesByCause() };
  return { ...spec, protocol: PROTOCOL, env, restarts };
}

/** One attachment to a program. */
class ProgramRun {
  readonly #spec: ProgramSpec;
  readonly #dir: string;
  readonly #epoch: number;
  readonly #graceMs: number;
  readonly #renew: () => Promise<unknown>;
  readonly #files: ReturnType<typeof supervisorFiles>;
  #renewedAt = 0;
  #renewing: AbortController | null = null;
  #deaths = 0;
  #furthest = 0;

  constructor(spec: ProgramSpec, dir: string, epoch: number, graceMs: number, renew: () => Promise<unknown>) {
    this.#spec = spec;
    this.#dir = dir;
    this.#epoch = epoch;
    this.#graceMs = graceMs;
    this.#renew = renew;
    this.#files = supervisorFiles(dir);
  }

  /** Sees to it that the program runs, or has ended for good. */
  async attach(devices: readonly string[], signal: AbortSignal, until: number | null): Promise<void> {
    await this.#renewAtLast(signal);
    const live = await liveSupervisor(this.#dir);
    if (live && live.epoch > this.#epoch)
      throw new Error(`a newer run has the program in ${this.#dir}: this one gives way`);
    await runUntil(this.#dir, this.#epoch, until);
    if (!live && !(await this.#hasEnded())) {
      await writeAtomically(this.#files.spec, JSON.stringify(forSupervisor(this.#spec, devices)));
      await this.#start();
    }
    this.#renewing = new AbortController();
    void this.#keepRenewing(this.#renewing.signal);
  }

  /** Reports progress until the program has ended, and returns how. Rejects at once when the signal is aborted. */
  async follow(signal: AbortSignal, onProgress: (progress: Omit<Progress, 'job'>) => void): Promise<ExitRecord> {
    const meter = new ProgressMeter(this.#spec);
    const follower = new MetricsFollower(this.#files.metrics);
    const report = async () => {
      const lines = await follower.read();
      if (lines.length === 0) return;
      meter.take(lines);
      this.#noteStep(meter.progress.step);
      onProgress(meter.progress);
    };
    onProgress(meter.progress);
    for (;;) {
      signal.throwIfAborted();
      // Asked before the files are read: what a supervisor wrote before it ended is then all there.
      const live = await liveSupervisor(this.#dir);
      await report();
      const end = await readRecord<ExitRecord>(this.#files.exit);
      if (end) {
        await report();
        await this.#untilAlone(signal);
        return end;
      }
      if (!live) {
        await this.#countDeath();
        await this.#start();
      } else await sleep(POLL_MS, undefined, { signal });
    }
  }

  /** A supervisor that has written how its program ended still holds its place for a moment: who runs the program again would attach to it. */
  async #untilAlone(signal: AbortSignal): Promise<void> {
    const until = performance.now() + TAKEN_MS;
    while (performance.now() < until && (await liveSupervisor(this.#dir)))
      await sleep(ENDING_MS, undefined, { signal });
  }

  /** Success, or the failure that the end means. */
  async conclude(end: ExitRecord): Promise<ProgramEnd> {
    if (end.why === 'held') throw new ProgramHeld(end.checkpoint ?? null, end.step ?? null);
    if (!end.final) throw new ProgramStopped(`the program in ${this.#dir} was ended: ${end.detail}`);
    if (end.why === 'exited' && end.code === 0) {
      return { code: end.code, signal: end.signal, log: this.#files.log(end.segment), metrics: this.#files.metrics };
    }
    const failure = await failureOf(this.#spec, this.#dir, end);
    // A failure is told once: who runs the program again after that wants it tried again.
    await rename(this.#files.exit, `${this.#files.exit}.told-${end.segment}`);
    throw failure;
  }

  stopRenewing(): void {
    this.#renewing?.abort();
  }

  async #hasEnded(): Promise<boolean> {
    return (await readRecord<ExitRecord>(this.#files.exit))?.final ?? false;
  }

  async #start(): Promise<void> {
    await noteProgram(this.#dir, this.#spec.argv);
    // Not by the clock on the wall, which may be set back.
    const takenUntil = performance.now() + TAKEN_MS;
    for (;;) {
      const started = await startSupervisor(this.#dir, this.#epoch, this.#graceMs, this.#renewedAt);
      if (started === 'running' || started === 'ended') return;
      if (started === 'taken') {
        if (await liveSupervisor(this.#dir)) return;
        if (performance.now() > takenUntil)
          throw new Error(`${this.#dir}/lock is held, but not by a supervisor of the program there`);
        await sleep(POLL_MS);
        continue;
      }
      await this.#countDeath();
    }
  }

  /** A supervisor is gone without a word on how its program ended. */
  async #countDeath(): Promise<void> {
    this.#deaths += 1;
    if (this.#deaths < (this.#spec.restarts ? this.#spec.restarts.max + 1 : MAX_DEATHS)) return;
    const errors = await supervisorErrors(this.#dir);
    const message = `the program's supervisor died ${this.#deaths} times without progress: ${errors.at(-1) ?? 'it left no word'}`;
    throw new JobFailure(message, { logTail: errors });
  }

  #noteStep(step = 0): void {
    if (step > this.#furthest) this.#deaths = 0;
    this.#furthest = Math.max(step, this.#furthest);
  }

  /** The first renewal: a server that cannot be reached just now is no reason to give up. */
  async #renewAtLast(signal: AbortSignal): Promise<void> {
    const giveUp = bootNow() + this.#graceMs / 1000;
    while (!signal.aborted) {
      try {
        return await this.#renewOnce();
      } catch (error) {
        if (bootNow() > giveUp) throw error;
        await sleep(RENEW_MS, undefined, { signal });
      }
    }
    signal.throwIfAborted();
  }

  async #renewOnce(): Promise<void> {
    // Dated at the start of the request: an answer that was long under way says nothing about now.
    const asked = bootNow();
    await this.#renew();
    this.#renewedAt = asked;
    await renewClaim(this.#dir, this.#epoch, asked);
  }

  async #keepRenewing(ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      await sleep(RENEW_MS, undefined, { signal: ended, ref: false }).catch(() => {});
      if (!ended.aborted) await this.#renewOnce().catch(() => {});
    }
  }
}
