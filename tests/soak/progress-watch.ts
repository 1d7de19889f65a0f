import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';

/** Steps of an activity, and activities of a type, are fewer than fit in between. */
const TYPE = 1e9;
const PART = 1e6;
/** Beyond all steps: only the next activity counts. */
export const LAST_STEP = PART - 1;
const ASK_MS = 100;
const ORDER = ['convert.easyanimate', 'probe.analyzer', 'train.easyanimate', 'infer.easyanimate', 'evaluate.vbench'];
/** Parts of a job are activities of one type: their ids tell which is later. */
const WITH_PARTS = 'evaluate.vbench';

/** Watches how far a trial is, as a user sees it: the running job and its step in the heartbeats. */
export class ProgressWatch {
  readonly #handle: WorkflowHandle;
  #furthest = 0;
  #marked = { at: 0, furthest: 0 };
  /** Seconds from the mark until something further was seen. */
  seconds: number | null = null;
  /** Resolves when the trial was seen to have ended. */
  readonly ended: Promise<void>;

  constructor(handle: WorkflowHandle) {
    this.#handle = handle;
    this.ended = this.#watch();
  }

  /** From now on the next progress counts: beyond what has been seen, and beyond a step of the activity that runs now. */
  mark(step: number): void {
    const furthest = Math.max(this.#furthest, Math.floor(this.#furthest / PART) * PART + step);
    this.#marked = { at: Date.now(), furthest };
    this.seconds = null;
  }

  async #watch(): Promise<void> {
    while (this.#furthest !== Number.POSITIVE_INFINITY) {
      this.#furthest = Math.max(this.#furthest, (await this.#look().catch(() => null)) ?? 0);
      if (this.seconds === null && this.#furthest > this.#marked.furthest)
        this.seconds = (Date.now() - this.#marked.at) / 1000;
      await sleep(ASK_MS, undefined, { ref: false });
    }
  }

  async #look(): Promise<number> {
    const { raw, status } = await this.#handle.describe();
    if (status.name !== 'RUNNING') return Number.POSITIVE_INFINITY;
    const running = (raw.pendingActivities ?? []).find(one => ORDER.includes(one.activityType?.name ?? ''));
    if (!running) return 0;
    const type = running.activityType!.name!;
    const details = running.heartbeatDetails?.payloads?.[0]?.data;
    const step = details ? ((JSON.parse(Buffer.from(details).toString()) as { step?: number }).step ?? 0) : 0;
    const part = type === WITH_PARTS ? Number(running.activityId) : 0;
    return (ORDER.indexOf(type) + 1) * TYPE + part * PART + step;
  }
}
