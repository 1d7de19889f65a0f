// What jobs tell Prometheus, where their worker has an endpoint for it; docs/metrics.md says what each is. The SDK adds the component (`activityType`) and queue.
import type { MetricMeter } from '@temporalio/common';
import type { Progress } from './progress.ts';

/** How a job's activity ended: `left` to the next worker, `held` by a pause or at a rung. */
export type JobOutcome = 'done' | 'reused' | 'failed' | 'held' | 'cancelled' | 'left';

/** Of one run of a job's activity. */
export class JobMetrics {
  readonly #jobs;
  readonly #seconds;
  readonly #steps;
  readonly #restarts;
  readonly #speed;
  #step: number | null = null;
  #segment: number | null = null;

  constructor(meter: MetricMeter) {
    this.#jobs = meter.createCounter('sandbox_jobs', 'jobs', 'Runs of jobs that ended, by outcome');
    this.#seconds = meter.createHistogram('sandbox_job_seconds', 'float', 's', 'How long jobs that were run took');
    this.#steps = meter.createCounter('sandbox_steps', 'steps', 'Steps that programs did, as their logs told');
    this.#restarts = meter.createCounter(
      'sandbox_program_restarts',
      'restarts',
      'Programs started again by their supervisors',
    );
    this.#speed = meter.createGauge('sandbox_steps_per_second', 'float', '1/s', 'Speed that the last progress told');
  }

  /** Counts from where the program was when this worker began to follow it: what another had counted is not counted again. */
  take({ step, speed, segment }: Pick<Progress, 'step' | 'speed' | 'segment'>): void {
    if (segment !== undefined) {
      if (this.#segment !== null && segment > this.#segment) this.#restarts.add(segment - this.#segment);
      this.#segment = segment;
    }
    if (step !== undefined) {
      if (this.#step !== null && step > this.#step) this.#steps.add(step - this.#step);
      this.#step = step;
    }
    if (speed !== undefined) this.#speed.set(speed);
  }

  ended(outcome: JobOutcome, seconds: number): void {
    this.#jobs.add(1, { outcome });
    if (outcome === 'done') this.#seconds.record(seconds);
  }
}
