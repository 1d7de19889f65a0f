import { trace } from '@opentelemetry/api';
import type { JobRef } from '../../plan/protocol.ts';
import type { JobOutcome } from './job-metrics.ts';

/** What the span of an activity says of its job: names and places, nothing out of a config. */
export interface SpanFacts {
  job?: string;
  part?: string;
  trial?: string;
  /** Job key. */
  key?: string;
  /** Run of the job. */
  epoch?: number;
  devices?: string[];
  /** `claimed`, `busy`: of a claim. */
  outcome?: JobOutcome | 'claimed' | 'busy';
  waited_seconds?: number;
}

/** Adds facts to the span of the activity that runs, as attributes `sandbox.<name>`; does nothing where its worker sends no traces. */
export function tellSpan(facts: SpanFacts): void {
  const span = trace.getActiveSpan();
  if (!span) return;
  for (const [name, value] of Object.entries(facts))
    if (value !== undefined) span.setAttribute(`sandbox.${name}`, value);
}

/** Of whose job the activity is. */
export function tellSpanOf({ job, part, trial, claim }: JobRef): void {
  tellSpan({
    job,
    trial: trial.id,
    ...(part !== undefined && { part }),
    ...(claim && { epoch: claim.epoch, devices: claim.devices }),
  });
}
