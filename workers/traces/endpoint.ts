/** Where traces go to, as OTLP over HTTP. */
export interface TracesEndpoint {
  url: string;
}

/** A setting that cannot be used, in a sentence. */
export interface TracesProblem {
  problem: string;
}

const PATH = 'v1/traces';

/**
 * Where `asked` (the address of a collector) says, else where the standard environment does (`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`,
 * `OTEL_EXPORTER_OTLP_ENDPOINT`); null: nowhere.
 */
export function tracesEndpoint(
  asked: string | null | undefined,
  env: NodeJS.ProcessEnv = process.env,
): TracesEndpoint | TracesProblem | null {
  const said = (name: string) => env[name]?.trim() || undefined;
  if (asked !== null && asked !== undefined) return collectorAt(asked, asked);
  if (said('OTEL_SDK_DISABLED') === 'true' || said('OTEL_TRACES_EXPORTER') === 'none') return null;
  const traces = said('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT');
  const all = said('OTEL_EXPORTER_OTLP_ENDPOINT');
  if (traces === undefined && all === undefined) return null;
  const protocol = said('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ?? said('OTEL_EXPORTER_OTLP_PROTOCOL') ?? 'http/protobuf';
  if (protocol !== 'http/protobuf')
    return { problem: `traces are sent as http/protobuf only, and the environment asks for ${protocol}` };
  // Of one signal it is the whole address, as the specification has it.
  if (traces !== undefined) return checked(traces, 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT');
  return collectorAt(all!, 'OTEL_EXPORTER_OTLP_ENDPOINT');
}

/** `http://127.0.0.1:4318` and the like, with or without the path. */
function collectorAt(text: string, name: string): TracesEndpoint | TracesProblem {
  const whole = text.replace(/\/+$/, '');
  return checked(whole.endsWith(`/${PATH}`) ? whole : `${whole}/${PATH}`, name);
}

function checked(text: string, name: string): TracesEndpoint | TracesProblem {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (
    url !== null &&
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    url.username === '' &&
    url.password === ''
  )
    return { url: url.href };
  return { problem: `${name}: expected the http address of a collector, such as http://127.0.0.1:4318` };
}
