import { tracesEndpoint } from '../workers/traces/endpoint.ts';
import type { Traces } from '../workers/traces/traces.ts';
import { CommandFailure } from './failure.ts';

/** Who waits for a command waits no longer than this for a collector. */
const CLIENT_TIMEOUT_MS = 1_000;

const say = (line: string) => process.stderr.write(`${line}\n`);

/**
 * Traces of a worker's process, where `asked` (an address) or the environment say where to; else null. OpenTelemetry is loaded only then.
 * @throws CommandFailure where the address that was asked for is none.
 */
export async function startTracesOf(asked?: string): Promise<Traces | null> {
  return await started(tracesEndpoint(asked), problem => {
    if (asked !== undefined) throw new CommandFailure(`--traces ${problem}`);
    say(`warning: ${problem}; there are no traces`);
  });
}

/** Traces of a command that starts something: as the environment says, else as the development server's workers are told. */
export async function startClientTraces(workers: string | null): Promise<Traces | null> {
  const endpoint = tracesEndpoint(null) ?? (workers === null ? null : tracesEndpoint(workers));
  return await started(endpoint, problem => say(`warning: ${problem}; there are no traces`), CLIENT_TIMEOUT_MS);
}

async function started(
  endpoint: ReturnType<typeof tracesEndpoint>,
  onProblem: (problem: string) => void,
  timeoutMs?: number,
): Promise<Traces | null> {
  if (endpoint === null) return null;
  if ('problem' in endpoint) {
    onProblem(endpoint.problem);
    return null;
  }
  const { startTraces } = await import('../workers/traces/traces.ts');
  return startTraces({ ...endpoint, say, ...(timeoutMs !== undefined && { timeoutMs }) });
}
