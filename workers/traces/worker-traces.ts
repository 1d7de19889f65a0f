import { hostname } from 'node:os';
import { trace } from '@opentelemetry/api';
import {
  makeWorkflowExporter,
  OpenTelemetryActivityInboundInterceptor,
} from '@temporalio/interceptors-opentelemetry/lib/worker/index.js';
import type { OpenTelemetrySinks } from '@temporalio/interceptors-opentelemetry/lib/workflow/definitions.js';
import type { ActivityInterceptorsFactory, InjectedSinks, WorkerInterceptors } from '@temporalio/worker';
import type { WorkflowInfo } from '@temporalio/workflow';
import type { Traces } from './traces.ts';

/** What `Worker.create` takes for spans of activities and, where its bundle makes them, of workflows. */
export interface WorkerTraces {
  interceptors: WorkerInterceptors;
  sinks: InjectedSinks<OpenTelemetrySinks>;
}

export function workerTraces({ tracer, processor, resource }: Traces): WorkerTraces {
  const { fn: send } = makeWorkflowExporter(processor, resource).export;
  return {
    interceptors: {
      activity: [
        context => ({ inbound: new OpenTelemetryActivityInboundInterceptor(context, { tracer }) }),
        whereItRuns,
      ],
    },
    sinks: {
      exporter: {
        export: {
          // All that the SDK knows of a workflow would go along, its memo and last failure too.
          fn: ({ workflowId, runId, workflowType }, spans) =>
            send({ workflowId, runId, workflowType } as WorkflowInfo, spans),
        },
      },
    },
  };
}

const whereItRuns: ActivityInterceptorsFactory = ({ info }) => ({
  inbound: {
    execute: (input, next) => {
      const { activityType, attempt, taskQueue } = info;
      trace.getActiveSpan()?.setAttributes({
        'sandbox.component': activityType,
        'sandbox.attempt': attempt,
        'sandbox.queue': taskQueue,
        'sandbox.host': hostname(),
      });
      return next(input);
    },
  },
});
