// A long program's word to its trial on how it goes: for the Web UI's current details, which show what the workflow knows.
import type { Client } from '@temporalio/client';
import type { JobRef, JobReport } from '../../plan/protocol.ts';
import { stretches } from '../../plan/sparkline.ts';
import type { Progress } from './progress.ts';
import { stepValues } from './step-values.ts';

/** A shorter program is over before somebody looks. */
const LONG_SECONDS = 600;
/** Its speed says little before. */
const KNOWN_AFTER_MS = 60_000;
/** After a try that failed, such as while the server is away. */
const AGAIN_MS = 60_000;
/** As wide as the Web UI shows in one line. */
const CURVE_POINTS = 24;

/** How often a job has told its trial. Kept in the activity's heartbeats, so that the next attempt goes on counting. */
export interface Told {
  told: number;
}

/** What the attempt before this one had counted. */
export function toldBefore(heartbeatDetails: unknown): Told {
  const { told } = (heartbeatDetails ?? {}) as Partial<Told>;
  return { told: Number.isSafeInteger(told) ? told! : 0 };
}

/**
 * Whether a job that has told its trial `told` times should do so now: when it is known how long it will take, and again half-way where there is a
 * loss to show. Each costs the trial's history four events.
 */
export function isDue(
  { step, total, eta, loss }: Omit<Progress, 'job'>,
  { told, runningMs }: Told & { runningMs: number },
): boolean {
  if (step === undefined || total === undefined || eta === undefined || runningMs < KNOWN_AFTER_MS) return false;
  if (told === 0) return eta >= LONG_SECONDS;
  return told === 1 && loss !== undefined && step >= total / 2;
}

/** What is told: the loss so far from the job's metrics file, and when it will end. */
export async function reportOf(
  job: string,
  { step = 0, total = 0, unit = 'step', eta = 0, checkpoint }: Omit<Progress, 'job'>,
  metrics: string,
): Promise<JobReport> {
  const { values } = await stepValues(metrics, 'loss');
  const finite = values.map(({ value }) => value).filter(Number.isFinite);
  const at = Date.now();
  const loss = stretches(finite, CURVE_POINTS);
  return { job, step, total, unit, loss, endsAt: at + 1000 * eta, checkpoint: checkpoint ?? null, at };
}

/** Takes each progress of a job's program; what cannot be told just now is told a little later. */
export class ProgressTeller {
  readonly #ref: JobRef;
  readonly #client: Client;
  readonly #since: number;
  readonly #count: Told;
  #telling = false;
  #notBefore = 0;

  /** `since`: on the clock of `performance.now()`. */
  constructor(ref: JobRef, client: Client, count: Told, since = performance.now()) {
    this.#since = since;
    this.#ref = ref;
    this.#client = client;
    this.#count = count;
  }

  /** `metrics` finds the program's metrics file, when it is read. Resolves when it was told, or need not be; never rejects. */
  async take(progress: Omit<Progress, 'job'>, metrics: () => Promise<string>): Promise<void> {
    const now = performance.now();
    const runningMs = now - this.#since;
    if (this.#telling || now < this.#notBefore || !isDue(progress, { ...this.#count, runningMs })) return;
    this.#telling = true;
    try {
      await this.#tell(progress, metrics);
    } catch {
      this.#notBefore = performance.now() + AGAIN_MS;
    } finally {
      this.#telling = false;
    }
  }

  async #tell(progress: Omit<Progress, 'job'>, metrics: () => Promise<string>): Promise<void> {
    const report = await reportOf(this.#ref.job, progress, await metrics());
    const { id, runId } = this.#ref.trial;
    await this.#client.workflow.getHandle(id, undefined, { firstExecutionRunId: runId }).signal('jobReport', report);
    this.#count.told += 1;
  }
}
