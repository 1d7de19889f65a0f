import type { WorkflowClientInterceptor } from '@temporalio/client';
import { OpenTelemetryWorkflowClientInterceptor } from '@temporalio/interceptors-opentelemetry/lib/client/index.js';
import type { Traces } from '../workers/traces/traces.ts';

/** Begins a trace with whatever a client starts. What it asks and describes while it watches is not traced. */
export function clientTraces({ tracer }: Pick<Traces, 'tracer'>): WorkflowClientInterceptor {
  const starts = new OpenTelemetryWorkflowClientInterceptor({ tracer });
  return {
    start: (input, next) => starts.start(input, next),
    startWithDetails: (input, next) => starts.startWithDetails(input, next),
  };
}
