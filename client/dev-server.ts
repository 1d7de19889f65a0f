import { readDevConfig } from '../workers/dev-config.ts';
import { DevConfigError, DevServerError } from '../workers/dev-errors.ts';
import { CommandFailure, EXIT } from './failure.ts';

/** Where the development server of temporal-dev.yaml is, when it runs. */
export interface DevServer {
  address: string;
  namespace: string;
  /** Address of its Web UI; null where it has none. */
  ui: string | null;
  /** Where its control worker sends traces; null: nowhere by itself. */
  traces: string | null;
}

/** @throws CommandFailure when temporal-dev.yaml cannot be used. */
export function devServer(): DevServer {
  try {
    const { server, namespace, workers } = readDevConfig();
    const host = server.ip.includes(':') ? `[${server.ip}]` : server.ip;
    const ui = server.ui_port === null ? null : `http://${host}:${server.ui_port}`;
    const traces = workers.find(({ kind }) => kind === 'control')?.traces ?? null;
    return { address: `${host}:${server.port}`, namespace, ui, traces };
  } catch (error) {
    throw asCommandFailure(error);
  }
}

/** What is wrong with the development server or its configuration is the user's to mend. */
export function asCommandFailure(error: unknown): unknown {
  if (error instanceof DevConfigError) return new CommandFailure(error.message, EXIT.badInput, { cause: error });
  if (error instanceof DevServerError) return new CommandFailure(error.message, EXIT.failed, { cause: error });
  return error;
}
