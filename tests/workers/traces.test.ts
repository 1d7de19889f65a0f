import { type Attributes, SpanStatusCode } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tracesEndpoint } from '../../workers/traces/endpoint.ts';
import { toldSpans } from '../../workers/traces/told-spans.ts';
import { startTraces, type Traces } from '../../workers/traces/traces.ts';
import { type OtlpReceiver, otlpReceiver } from '../support/otlp-receiver.ts';

describe('where traces go', () => {
  it.each([
    ['http://127.0.0.1:4318', 'http://127.0.0.1:4318/v1/traces'],
    ['http://127.0.0.1:4318/', 'http://127.0.0.1:4318/v1/traces'],
    ['https://collector.example/otlp/v1/traces', 'https://collector.example/otlp/v1/traces'],
  ])('is %s: %s', (asked, url) => {
    expect(tracesEndpoint(asked, {})).toEqual({ url });
    expect(tracesEndpoint(null, { OTEL_EXPORTER_OTLP_ENDPOINT: asked })).toEqual({ url });
  });

  it('is what the environment says, of traces before of all, and what is asked for before both', () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a:1', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://b:2/own' };
    expect(tracesEndpoint(undefined, env)).toEqual({ url: 'http://b:2/own' });
    expect(tracesEndpoint('http://c:3', env)).toEqual({ url: 'http://c:3/v1/traces' });
    expect(tracesEndpoint(null, {})).toBeNull();
    expect(tracesEndpoint(null, { ...env, OTEL_SDK_DISABLED: 'true' })).toBeNull();
    expect(tracesEndpoint(null, { ...env, OTEL_TRACES_EXPORTER: 'none' })).toBeNull();
  });

  it.each(['localhost:4318', '127.0.0.1', '', 'file:///etc/passwd', 'http://user:secret@host:4318'])(
    'cannot be %j',
    asked => {
      const { problem } = tracesEndpoint(asked, {}) as { problem: string };
      expect(problem).toContain('expected the http address of a collector');
    },
  );

  it('is nowhere where the environment wants gRPC', () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
    expect(tracesEndpoint(null, env)).toEqual({ problem: expect.stringContaining('http/protobuf only') });
  });
});

describe('spans on their way to a collector', () => {
  let receiver: OtlpReceiver;
  let traces: Traces;
  const said: string[] = [];
  beforeAll(async () => {
    receiver = await otlpReceiver();
    traces = startTraces({ url: `${receiver.url}/v1/traces`, say: line => said.push(line) });
  });
  afterAll(() => receiver.close());

  function spanOf(attributes: Attributes) {
    const span = traces.tracer.startSpan('RunActivity:test', { attributes });
    span.recordException(new Error('lr = 0.3 of /home/someone/secret.yaml'));
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'lr = 0.3' });
    return span;
  }

  it('have the kind of an error and not its words, and come once however often they are told', async () => {
    const kept = new InMemorySpanExporter();
    const told = toldSpans(new SimpleSpanProcessor(kept));
    const failed = spanOf({ 'sandbox.outcome': 'failed' });
    const held = spanOf({ 'sandbox.outcome': 'held' });
    const busy = spanOf({ 'sandbox.outcome': 'busy' });
    for (const span of [failed, held, busy, failed]) told.onEnd(span as never);
    const spans = kept.getFinishedSpans();
    expect(spans.map(({ status }) => status)).toEqual([{ code: SpanStatusCode.ERROR }, { code: SpanStatusCode.UNSET }]);
    for (const { events } of spans) expect(events[0]!.attributes).toEqual({ 'exception.type': 'Error' });
    expect(spans[0]!.resource.attributes['service.name']).toBe('dj-sandbox');
  });

  it('wait for no collector that hangs: the queue is bounded, and closing takes a second', async () => {
    receiver.hang();
    for (let i = 0; i < 20_000; i += 1) traces.tracer.startSpan('many').end();
    await expect.poll(receiver.requests).toBeGreaterThan(0);
    const began = performance.now();
    await traces.close();
    // A request may take ten seconds, the export of a batch thirty.
    expect(performance.now() - began).toBeLessThan(9_000);
    // Of 512 spans each; the queue has 2,048.
    expect(receiver.requests()).toBeLessThanOrEqual(6);
  });
});
