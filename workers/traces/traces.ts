import { hostname } from 'node:os';
import type { Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { detectResourcesSync, envDetectorSync, Resource } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { AsyncContext } from './context-manager.ts';
import { toldSpans } from './told-spans.ts';

/** What is not sent by then is given up: a collector that hangs holds nobody up. */
const CLOSING_MS = 1_000;

/** Traces of this process, on their way to a collector. */
export interface Traces {
  tracer: Tracer;
  resource: Resource;
  processor: SpanProcessor;
  /** Sends what there is; resolves within a second or so, whatever the collector does, and never rejects. */
  close: () => Promise<void>;
}

export interface TracesOptions {
  url: string;
  /** How long a request may take; default 10 s, or what the environment says. */
  timeoutMs?: number;
  /** Told once when the collector does not take them, and once when it does again. */
  say: (line: string) => void;
}

/**
 * Begins to trace this process: spans wait in a bounded queue and are sent in batches; what a collector does not take in time is dropped. Headers,
 * timeouts, sizes of queue and batch, sampling and resource are those of OpenTelemetry's standard environment.
 */
export function startTraces({ url, timeoutMs, say }: TracesOptions): Traces {
  const resource = Resource.default()
    .merge(new Resource({ 'service.name': 'dj-sandbox', 'host.name': hostname() }))
    .merge(detectResourcesSync({ detectors: [envDetectorSync] }));
  const exporter = new OTLPTraceExporter({ url, ...(timeoutMs !== undefined && { timeoutMillis: timeoutMs }) });
  const processor = toldSpans(new BatchSpanProcessor(telling(exporter, url, say)));
  const provider = new BasicTracerProvider({ resource, spanProcessors: [processor] });
  provider.register({ contextManager: new AsyncContext() });
  return {
    tracer: provider.getTracer('dj-sandbox'),
    resource,
    processor,
    async close() {
      let timer: NodeJS.Timeout | undefined;
      const given = new Promise<void>(resolve => {
        timer = setTimeout(resolve, CLOSING_MS);
      });
      await Promise.race([provider.shutdown().catch(() => {}), given]);
      clearTimeout(timer);
    },
  };
}

/** Says when spans cannot be sent, once until they can. */
function telling(to: SpanExporter, url: string, say: (line: string) => void): SpanExporter {
  let failing = false;
  return {
    export: (spans, done) =>
      to.export(spans, result => {
        const failed = result.error !== undefined;
        if (failed && !failing)
          say(`traces cannot be sent to ${url} (${result.error?.message}): trials go on without them`);
        if (!failed && failing) say(`traces are sent to ${url} again`);
        failing = failed;
        done(result);
      }),
    shutdown: () => to.shutdown(),
  };
}
