// Interceptors of the bundle for workers with `--traces`: those of the SDK make the spans. They may not change what a trial does, so that one that began
// on a worker with traces goes on without, and the other way round.
import { TRACE_HEADER } from '@temporalio/interceptors-opentelemetry/lib/instrumentation.js';
import {
  OpenTelemetryInboundInterceptor,
  OpenTelemetryInternalsInterceptor,
  OpenTelemetryOutboundInterceptor,
} from '@temporalio/interceptors-opentelemetry/lib/workflow/index.js';
import { getRandomStream, type WorkflowInterceptors } from '@temporalio/workflow';

type Step<I, O> = (input: I) => Promise<O>;

/** Ids of spans are drawn from a stream of their own: the workflow's numbers stay what they are without traces. */
const IDS = 'dj-sandbox-traces';

/**
 * Lets the SDK's interceptor make its span, and returns what the step itself returns: the interceptor's promise settles some microtasks
 * later, enough to put two commands of one workflow task in another order than without traces.
 */
function traced<I, O>(trace: (input: I, next: Step<I, O>) => Promise<O>, input: I, next: Step<I, O>): Promise<O> {
  let own: Promise<O> | undefined;
  const made = getRandomStream(IDS).with(() =>
    trace(input, more => {
      own = next(more);
      return own;
    }),
  );
  made.catch(() => {});
  return own ?? made;
}

/** Starts, ends, activities, children and signals are traced; queries are not: who watches asks one each second. */
export function interceptors(): WorkflowInterceptors {
  const inbound = new OpenTelemetryInboundInterceptor();
  const outbound = new OpenTelemetryOutboundInterceptor();
  return {
    inbound: [
      {
        execute: (input, next) => traced((more, then) => inbound.execute(more, then), input, next),
        // Workers tell trials of their progress by signals outside of any trace: each would begin one of its own.
        handleSignal: (input, next) =>
          TRACE_HEADER in input.headers
            ? traced((more, then) => inbound.handleSignal(more, then), input, next)
            : next(input),
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => traced((more, then) => outbound.scheduleActivity(more, then), input, next),
        startChildWorkflowExecution: (input, next) =>
          traced((more, then) => outbound.startChildWorkflowExecution(more, then), input, next),
        continueAsNew: (input, next) => traced((more, then) => outbound.continueAsNew(more, then), input, next),
        signalWorkflow: (input, next) => traced((more, then) => outbound.signalWorkflow(more, then), input, next),
      },
    ],
    internals: [new OpenTelemetryInternalsInterceptor()],
  };
}
