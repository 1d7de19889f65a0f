import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';

/** A span as a collector gets it. */
export interface ReceivedSpan {
  name: string;
  traceId: string;
  spanId: string;
  /** Empty of the first span of a trace. */
  parentSpanId: string;
  /** 1 all went well, 2 error; 0 nothing is said. */
  status: { code: number; message: string };
  attributes: Record<string, unknown>;
  /** Of the process that it comes from. */
  resource: Record<string, unknown>;
  events: { name: string; attributes: Record<string, unknown> }[];
}

/** A collector of OpenTelemetry traces on a free port of loopback. */
export interface OtlpReceiver {
  url: string;
  spans: ReceivedSpan[];
  /** All bytes that came, as they were: what must not be told is not in them. */
  bytes: Buffer[];
  requests: () => number;
  /** From now on takes requests and never answers. */
  hang: () => void;
  close: () => Promise<void>;
}

interface Value {
  [kind: string]: unknown;
}
interface Pair {
  key: string;
  value: Value;
}

// The exporter's own message definitions, which it ships without types.
const root = createRequire(import.meta.url)('@opentelemetry/otlp-transformer/build/src/generated/root.js');
const { ExportTraceServiceRequest: Request } = root.opentelemetry.proto.collector.trace.v1;

export async function otlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const bytes: Buffer[] = [];
  let hangs = false;
  let requests = 0;
  const server = createServer(async (request, response) => {
    requests += 1;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (hangs) return;
    const body = Buffer.concat(chunks);
    bytes.push(body);
    spans.push(...spansIn(body));
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    bytes,
    requests: () => requests,
    hang: () => {
      hangs = true;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

function spansIn(body: Buffer): ReceivedSpan[] {
  const request = Request.toObject(Request.decode(body), { bytes: Buffer, enums: Number, defaults: true });
  return request.resourceSpans.flatMap(({ resource, scopeSpans }: Value & { scopeSpans: { spans: Value[] }[] }) =>
    scopeSpans.flatMap(scope =>
      scope.spans.map((span): ReceivedSpan => {
        const { name, traceId, spanId, parentSpanId, status, attributes, events } = span as never as Raw;
        return {
          name,
          traceId: hex(traceId),
          spanId: hex(spanId),
          parentSpanId: hex(parentSpanId),
          status: { code: status?.code ?? 0, message: status?.message ?? '' },
          attributes: mapOf(attributes),
          resource: mapOf((resource as { attributes: Pair[] }).attributes),
          events: events.map(event => ({ name: event.name, attributes: mapOf(event.attributes) })),
        };
      }),
    ),
  );
}

interface Raw {
  name: string;
  traceId: Buffer;
  spanId: Buffer;
  parentSpanId: Buffer;
  status: { code: number; message: string } | null;
  attributes: Pair[];
  events: { name: string; attributes: Pair[] }[];
}

const hex = (bytes: Buffer) => Buffer.from(bytes).toString('hex');
const mapOf = (pairs: Pair[]) => Object.fromEntries(pairs.map(({ key, value }) => [key, valueIn(value)]));

function valueIn(value: Value): unknown {
  const { arrayValue, ...plain } = value as Value & { arrayValue?: { values: Value[] } };
  if (arrayValue) return arrayValue.values.map(valueIn);
  const [found] = Object.values(plain);
  return typeof found === 'object' && found !== null ? Number(found) : found;
}
