import { SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-base';

const OUTCOME = 'sandbox.outcome';
/** Thrown, and nothing that failed: a program that goes on under the next worker, one that saved its state, one that a user ended. */
const NO_FAILURES: unknown[] = ['left', 'held', 'cancelled'];
/** Spans whose ids are remembered. */
const REMEMBERED = 4_096;
const ERROR_EVENT = 'exception';
const ERROR_TYPE = 'exception.type';

/**
 * Passes spans on as others may see them. Words of errors stay in the history: they may quote a config or a log. Claims that found all devices
 * taken are left out: one that waits for days asks thousands of times, and the span of its being scheduled has the whole wait. A span comes again where
 * the server refused a workflow task, which is then done once more: it is passed on once.
 */
export function toldSpans(to: SpanProcessor): SpanProcessor {
  const passed = new Set<string>();
  const isNew = (id: string) => {
    if (passed.has(id)) return false;
    passed.add(id);
    if (passed.size > REMEMBERED) passed.delete(passed.values().next().value!);
    return true;
  };
  return {
    onStart: (span, context) => to.onStart(span, context),
    onEnd: span => {
      if (span.attributes[OUTCOME] !== 'busy' && isNew(span.spanContext().spanId)) to.onEnd(withoutWords(span));
    },
    forceFlush: () => to.forceFlush(),
    shutdown: () => to.shutdown(),
  };
}

function withoutWords(span: ReadableSpan): ReadableSpan {
  const { status, events, attributes } = span;
  const code = NO_FAILURES.includes(attributes[OUTCOME]) ? SpanStatusCode.UNSET : status.code;
  const told = events.map(event => {
    if (event.name !== ERROR_EVENT) return event;
    return { ...event, attributes: { [ERROR_TYPE]: event.attributes?.[ERROR_TYPE] ?? 'Error' } };
  });
  // What else a span has is asked of the span itself, which is an object of a class or a copy out of a workflow.
  return Object.create(span, { status: { value: { code } }, events: { value: told } });
}
