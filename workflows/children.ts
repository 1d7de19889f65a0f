// Trials of a sweep or a study as child workflows. They outlive a run of their parent, which continues as new, so they are known by their ids.
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ApplicationFailure,
  ChildWorkflowFailure,
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  startChild,
  TerminatedFailure,
} from '@temporalio/workflow';
import { clip } from '../plan/clip.ts';
import type { TrialEnd, TrialInput, TrialResult } from '../plan/protocol.ts';
import { endOf } from '../plan/trial-end.ts';
import { trialIdOf } from '../plan/trial-of.ts';
import { control } from './activity-calls.ts';
import { promote } from './messages.ts';
import type { sandboxTrial } from './trial.ts';

/** The server refuses summaries over 400 bytes, details over 20,000 and fairness keys over 64. */
const SUMMARY_CHARS = 100;
const DETAILS_CHARS = 4_000;
const FAIRNESS_CHARS = 64;

/** A trial whose end the server does not tell this run of its parent is found gone after so long at most. */
const LOOK_AFTER_MS = 300_000;

/** How a trial is started. */
export interface ChildStart {
  input: TrialInput;
  /** 1 (served first) to 5; default 3. */
  priority?: number;
  /** Its parent's share of a queue; default 1. */
  weight?: number;
  /** A line of the Web UI; what is too long is cut. */
  summary: string;
  /** Markdown. */
  details: string;
}

/** Starts trials, passes orders on to them, and says how they ended. */
export class Children {
  readonly #parent: string;
  readonly #onEnd: (trial: number, end: TrialEnd) => void;
  /** Trials that this run of their parent has started: the server tells it of their end. */
  readonly #started = new Map<number, Promise<boolean>>();
  #underWay = 0;
  #lookedAt = 0;

  constructor(parent: string, onEnd: (trial: number, end: TrialEnd) => void) {
    this.#parent = parent;
    this.#onEnd = onEnd;
  }

  /** Whether the server has answered everything that was asked of it. */
  get settled(): boolean {
    return this.#underWay === 0;
  }

  /** Milliseconds until those of the open trials are to be looked for whose end the server does not tell this run; null: there are none. */
  lookIn(open: readonly { trial: number }[]): number | null {
    return this.#unheard(open).length > 0 ? this.#lookedAt + LOOK_AFTER_MS - Date.now() : null;
  }

  /** Looks for them, and says how those ended that have. */
  async look(open: readonly { trial: number }[]): Promise<void> {
    const trials = this.#unheard(open);
    this.#lookedAt = Date.now();
    const ids = trials.map(trial => trialIdOf(this.#parent, trial));
    const ends = await control('look for ended trials').trialEnds({ ids });
    for (const [i, trial] of trials.entries()) {
      const end = ends[ids[i]!];
      if (end !== undefined) this.#onEnd(trial, end ?? { status: 'failed', why: 'it was never started', ...NOTHING });
    }
  }

  #unheard(open: readonly { trial: number }[]): number[] {
    return open.map(({ trial }) => trial).filter(trial => !this.#started.has(trial));
  }

  begin(trial: number, { input, priority = 3, weight = 1, summary, details }: ChildStart): void {
    const started = startChild<typeof sandboxTrial>('sandboxTrial', {
      workflowId: trialIdOf(this.#parent, trial),
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      priority: {
        priorityKey: priority,
        fairnessKey: encodeURIComponent(this.#parent).slice(0, FAIRNESS_CHARS),
        fairnessWeight: weight,
      },
      staticSummary: clip(summary, SUMMARY_CHARS),
      staticDetails: clip(details, DETAILS_CHARS),
    });
    this.#started.set(
      trial,
      this.#answered(started.then(handle => this.#follow(trial, handle.result()), this.#notStarted(trial))),
    );
  }

  /** Nothing is heard of a trial that cannot be told: it has ended, and that is told otherwise. */
  tell(trial: number, signal: 'stop' | 'pause' | 'resume'): void {
    void this.#answered(this.#send(trial, handle => handle.signal(signal)));
  }

  promote(trial: number, rung: number): void {
    void this.#answered(this.#send(trial, handle => handle.signal(promote, { rung })));
  }

  async #send(
    trial: number,
    send: (handle: ReturnType<typeof getExternalWorkflowHandle>) => Promise<void>,
  ): Promise<boolean> {
    await this.#started.get(trial);
    return await send(getExternalWorkflowHandle(trialIdOf(this.#parent, trial))).then(
      () => true,
      () => false,
    );
  }

  async #answered(answer: Promise<boolean>): Promise<boolean> {
    this.#underWay += 1;
    try {
      return await answer;
    } finally {
      this.#underWay -= 1;
    }
  }

  #follow(trial: number, result: Promise<TrialResult>): boolean {
    result.then(
      done => this.#onEnd(trial, endOf(done)),
      error => this.#onEnd(trial, failedEnd(error)),
    );
    return true;
  }

  #notStarted(trial: number): (error: unknown) => boolean {
    return error => {
      // A sweep that was reset finds the trials that it has started before; how they end is asked for.
      if (error instanceof WorkflowExecutionAlreadyStartedError) this.#started.delete(trial);
      else this.#onEnd(trial, failedEnd(error));
      return false;
    };
  }
}

/** What a parent's input has for each of its trials as it is. */
export function handedOn({
  baseDir,
  workDir,
  cache,
}: Pick<TrialInput, 'baseDir' | 'workDir' | 'cache'>): Pick<TrialInput, 'baseDir' | 'workDir' | 'cache'> {
  return {
    ...(baseDir !== undefined && { baseDir }),
    ...(workDir !== undefined && { workDir }),
    ...(cache !== undefined && { cache }),
  };
}

const NOTHING = { metrics: {}, steps: null, gpuSeconds: 0, reused: 0 };

function failedEnd(error: unknown): TrialEnd {
  const cause = error instanceof ChildWorkflowFailure ? error.cause : error;
  if (cause instanceof TerminatedFailure) return { status: 'stopped', why: 'terminated by hand', ...NOTHING };
  if (isCancellation(cause)) return { status: 'stopped', why: 'cancelled by hand', ...NOTHING };
  const why = cause instanceof ApplicationFailure || cause instanceof Error ? cause.message : String(cause);
  return { status: 'failed', why: clip(why, 500), ...NOTHING };
}
