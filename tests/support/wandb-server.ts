import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** As much of W&B's server as its client needs for one run: who one is, the run with what it has, and its history. */
export interface WandBServer {
  url: string;
  /** Rows of the run's history, as the client streamed them. */
  history: Record<string, unknown>[];
  /** What the client said of the run last. */
  run: Record<string, unknown>;
  close: () => void;
}

interface Stream {
  files?: Record<string, { offset: number; content: string[] }>;
}

/** Plays it on loopback. */
export async function startWandBServer(): Promise<WandBServer> {
  const lines: string[] = [];
  const said: Record<string, unknown> = {};
  let isThere = false;
  const answerTo = (query: string, variables: Record<string, unknown>, url: string): object => {
    const entity = { id: 'e', name: 'me' };
    const run = { id: 'r', name: variables['name'], historyLineCount: lines.length, config: '{}' };
    if (query.includes('RunResumeStatus')) {
      const tail = JSON.stringify(lines.slice(-1));
      const counts = { summaryMetrics: '{}', logLineCount: 0, eventsLineCount: 0, historyTail: tail, eventsTail: '[]' };
      const bucket = { ...run, ...counts, displayName: 'd', tags: [], notes: '', wandbConfig: '{"t": 1}' };
      return { model: { id: 'p', name: 'p', entity, bucket: isThere ? bucket : null } };
    }
    if (query.includes('UpsertBucket')) {
      for (const [key, value] of Object.entries(variables)) if (value !== null) said[key] = value;
      const inserted = !isThere;
      isThere = true;
      const project = { id: 'p', name: 'p', entity };
      return { upsertBucket: { bucket: { ...run, displayName: 'd', sweepName: null, project }, inserted } };
    }
    if (query.includes('CreateRunFiles')) {
      const files = (variables['files'] as string[]).map(name => ({ name, uploadUrl: `${url}/upload` }));
      return { createRunFiles: { runID: 'r', uploadHeaders: [], files } };
    }
    return {};
  };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    let answer: object = {};
    if (request.url === '/graphql') {
      const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> };
      answer = { data: answerTo(query, variables ?? {}, url) };
    } else if (request.url?.endsWith('/file_stream')) {
      const stream = (JSON.parse(body) as Stream).files?.['wandb-history.jsonl'];
      if (stream) lines.splice(stream.offset, lines.length, ...stream.content);
    }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    get history() {
      return lines.map(line => JSON.parse(line) as Record<string, unknown>);
    },
    run: said,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
