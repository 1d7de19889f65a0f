import { rungName } from '../../plan/held.ts';
import type { HeldDetails } from '../../plan/protocol.ts';

/** Reason of an activity's abort signal when its job was cancelled: what it started must end. */
export class Cancelled extends Error {
  override name = 'Cancelled';
  constructor(message = 'the job was cancelled') {
    super(message);
  }
}

/** As `Cancelled`, when the sweep that the job runs for was ended from outside. */
export class SweepEnded extends Cancelled {
  override name = 'SweepEnded';
}

/** Reason of an activity's abort signal when its worker shuts down: programs go on, for the next worker to attach to. */
export class WorkerShutdown extends Error {
  override name = 'WorkerShutdown';
  constructor(message = 'the worker is shutting down') {
    super(message);
  }
}

/** Thrown when a program was left running because the worker shuts down. Not a failure of the job. */
export class DetachedError extends Error {
  override name = 'DetachedError';
  constructor(dir: string) {
    super(`the worker is shutting down; the program in ${dir} was left running`);
  }
}

/** Thrown when a program ended before its time, not by its own fault and not by this run's wish. Another attempt may go on. */
export class ProgramStopped extends Error {
  override name = 'ProgramStopped';
}

/** Thrown when a program saved its state and ended because it was asked to (`holdProgram`, `until`): the next run goes on from there. */
export class ProgramHeld extends Error {
  override name = 'ProgramHeld';
  /** Name of the newest complete checkpoint and its step; null where none was complete. */
  readonly checkpoint: string | null;
  readonly step: number | null;
  /** The rung at which its trial waits now. */
  readonly rung: HeldDetails['rung'];
  constructor(checkpoint: string | null, step: number | null, rung?: HeldDetails['rung']) {
    const where = checkpoint ?? 'its beginning: it had no complete checkpoint';
    super(`the program was held at ${rung ? `${rungName(rung)}, ${checkpoint ?? 'without a checkpoint'}` : where}`);
    this.checkpoint = checkpoint;
    this.step = step;
    this.rung = rung;
  }
}

/** Thrown by a run whose job a newer run has taken over: it may neither train, nor publish, nor free anything. */
export class Superseded extends Error {
  override name = 'Superseded';
  constructor(epoch: number, newest: number) {
    super(`run ${epoch} of this job gives way: run ${newest} has taken over`);
  }
}

/** Whether an abort leaves programs running. Anything but a worker's shutdown ends them. */
export function leavesRunning(signal: AbortSignal): boolean {
  return signal.reason instanceof WorkerShutdown;
}
