// A sweep's trials as child workflows. They outlive a run of the sweep, which continues as new, so they are known by their ids.
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
import type { SweepInput, SweepOpened, TrialEnd, TrialInput, TrialResult } from '../plan/protocol.ts';
import type { Point } from '../plan/sweep/types.ts';
import { endOf } from '../plan/trial-end.ts';
import { promote } from './messages.ts';
import type { sandboxTrial } from './trial.ts';

/** The server refuses summaries over 400 bytes, details over 20,000 and fairness keys over 64. */
const SUMMARY_CHARS = 100;
const DETAILS_CHARS = 4_000;
const FAIRNESS_CHARS = 64;

export function childId(sweep: string, trial: number): string {
  return `${sweep}.trial-${trial}`;
}

/** Starts trials, passes orders on to them, and says how they ended. */
export class Children {
  readonly #sweep: string;
  readonly #input: SweepInput;
  readonly #onEnd: (trial: number, end: TrialEnd) => void;
  /** Trials that this run of the sweep has started: the server tells it of their end. */
  readonly #started = new Map<number, Promise<boolean>>();
  #underWay = 0;

  constructor(sweep: string, input: SweepInput, onEnd: (trial: number, end: TrialEnd) => void) {
    this.#sweep = sweep;
    this.#input = input;
    this.#onEnd = onEnd;
  }

  /** Whether the server has answered everything that was asked of it. */
  get settled(): boolean {
    return this.#underWay === 0;
  }

  /** Whether the server tells this run how the trial ends. */
  follows(trial: number): boolean {
    return this.#started.has(trial);
  }

  begin(trial: number, point: Point, { spec, project, experiment, rungs }: SweepOpened): void {
    const { config, set, baseDir, workDir, cache } = this.#input;
    const input: TrialInput = {
      config,
      set: { ...set, ...point },
      sweep: { id: this.#sweep, trial, metrics: spec.metrics.map(({ name }) => name), ...(rungs && { rungs }) },
      ...(baseDir !== undefined && { baseDir }),
      ...(workDir !== undefined && { workDir }),
      ...(cache !== undefined && { cache }),
    };
    const values = Object.entries(point).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
    const started = startChild<typeof sandboxTrial>('sandboxTrial', {
      workflowId: childId(this.#sweep, trial),
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      priority: {
        priorityKey: spec.priority,
        fairnessKey: encodeURIComponent(this.#sweep).slice(0, FAIRNESS_CHARS),
        fairnessWeight: spec.weight,
      },
      staticSummary: clip(`trial ${trial}: ${values.join(', ')}`, SUMMARY_CHARS),
      staticDetails: clip(
        [`${project} / ${experiment}`, ...values.map(value => `- \`${value}\``)].join('\n'),
        DETAILS_CHARS,
      ),
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
    return await send(getExternalWorkflowHandle(childId(this.#sweep, trial))).then(
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

function failedEnd(error: unknown): TrialEnd {
  const cause = error instanceof ChildWorkflowFailure ? error.cause : error;
  const nothing = { metrics: {}, steps: null, gpuSeconds: 0, reused: 0 };
  if (cause instanceof TerminatedFailure) return { status: 'stopped', why: 'terminated by hand', ...nothing };
  if (isCancellation(cause)) return { status: 'stopped', why: 'cancelled by hand', ...nothing };
  const why = cause instanceof ApplicationFailure || cause instanceof Error ? cause.message : String(cause);
  return { status: 'failed', why: clip(why, 500), ...nothing };
}
