// The pages over a work_dir, asked without a network.
import type { Hono } from 'hono';
import { uiApp } from '../../../client/ui/app.ts';
import { placeOf } from '../../../client/ui/places.ts';
import type { Said } from '../../../client/ui/run-now.ts';
import { Runs, type RunsOptions } from '../../../client/ui/runs.ts';

export const HOST = '127.0.0.1:8244';

export interface Asking {
  app: Hono;
  /** In addresses. */
  place: string;
  get: (path: string, headers?: Record<string, string>) => Promise<Response>;
  text: (path: string) => Promise<string>;
}

/** Pages over work_dirs; `server`: what the server lists; `said`: what it says of each run. */
export function asking(
  workDirs: readonly string[],
  {
    server = null,
    said = null,
    host = '127.0.0.1',
  }: { server?: RunsOptions['server']; said?: Said | null; host?: string } = {},
): Asking {
  const runs = new Runs({ workDirs: async () => workDirs, server });
  const app = uiApp({ runs, host, say: async () => said });
  const get = async (path: string, headers: Record<string, string> = {}) =>
    await app.request(`http://${HOST}${path}`, { headers: { host: HOST, ...headers } });
  return { app, place: placeOf(workDirs[0] ?? '/').key, get, text: async path => await (await get(path)).text() };
}
