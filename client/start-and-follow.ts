import { connectToStart, type Server } from './connect.ts';
import { EXIT } from './failure.ts';
import { exitCodeOf, type Followed, follow, whatNow } from './follow.ts';
import { printJson } from './output.ts';

export interface StartOptions {
  detach?: boolean | undefined;
  json?: boolean | undefined;
  /** Ends the watching; default Ctrl-C and the like. */
  signal?: AbortSignal | undefined;
}

/** Starts a run by `start`, which returns its run id, and watches it unless it is to be left alone; returns the exit code. */
export async function startAndFollow<S extends { status: string }>(
  kind: Followed<S>,
  id: string,
  start: (server: Server) => Promise<{ runId: string }>,
  { detach = false, json = false, signal }: StartOptions,
): Promise<number> {
  const server = await connectToStart();
  try {
    const { runId } = await start(server);
    const ui = server.ui && `${server.ui}/${encodeURIComponent(id)}`;
    if (detach && json) printJson({ id, runId, ui });
    if (json && !detach) return await followAsJson(kind, server, id);
    if (!json) console.log(`${kind.name} ${id} started${ui ? `: ${ui}` : ''}`);
    if (!detach) return await follow(kind, server, id, { signal });
    if (!json) console.log(whatNow(kind, id));
    return EXIT.done;
  } finally {
    await server.close();
  }
}

async function followAsJson<S extends { status: string }>(
  kind: Followed<S>,
  server: Server,
  id: string,
): Promise<number> {
  await follow(kind, server, id, { stream: process.stderr });
  const seen = await kind.observe(server, id);
  printJson(kind.json(seen));
  return exitCodeOf(kind, seen);
}
