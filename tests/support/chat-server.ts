import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { JsonObject } from '../../plan/plan.ts';

/** A request that the server got. */
export interface Asked {
  path: string;
  headers: IncomingHttpHeaders;
  body: { model?: string; messages?: { role: string; content: string }[]; [key: string]: unknown };
  /** The user's last message. */
  text: string;
  /** How often that was asked before. */
  before: number;
}

/** What it does with a request: an answer's text, or a day of its own. */
export type Behaviour = (asked: Asked, response: ServerResponse) => string | undefined | Promise<string | undefined>;

export interface ChatServer {
  /** As `base_url` takes it. */
  url: string;
  asked: Asked[];
  /** The most requests that were under way at once. */
  most: () => number;
}

/** A real HTTP server that plays an OpenAI-compatible one, on loopback, until the test ends. It speaks in tokens of one character. */
export async function chatServer(behave?: Behaviour): Promise<ChatServer> {
  const { stop, ...server } = await startChatServer(behave);
  onTestFinished(stop);
  return server;
}

/** The same until it is stopped; it keeps no process alive. */
export async function startChatServer(
  behave: Behaviour = asked => `re: ${asked.text}`,
): Promise<ChatServer & { stop: () => void }> {
  const asked: Asked[] = [];
  let [underWay, most] = [0, 0];
  const server = createServer(async (request, response) => {
    underWay += 1;
    most = Math.max(most, underWay);
    response.on('close', () => {
      underWay -= 1;
    });
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const sent = Buffer.concat(chunks).toString();
    const body = (sent === '' ? {} : JSON.parse(sent)) as Asked['body'];
    const text = body.messages?.at(-1)?.content ?? '';
    const before = asked.filter(each => each.text === text).length;
    const one = { path: request.url ?? '', headers: request.headers, body, text, before };
    asked.push(one);
    const answer = await behave(one, response);
    if (answer !== undefined) reply(response, 200, completion(answer, JSON.stringify(body.messages ?? [])));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/v1`, asked, most: () => most, stop };
}

/** Answers with JSON. */
export function reply(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
  return undefined;
}

/** An error in the protocol's form. */
export function refusal(message: string, code: string | null = null) {
  return { error: { message, type: 'error', param: null, code } };
}

/** The protocol's answer to a chat. */
export function completion(content: string | null, prompt = '', reason = 'stop') {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: reason }],
    usage: {
      prompt_tokens: prompt.length,
      completion_tokens: content?.length ?? 0,
      total_tokens: prompt.length + (content?.length ?? 0),
    },
  };
}

/** Server-sent events of an answer; `upTo`: the connection ends after so many of its pieces. */
export function stream(response: ServerResponse, pieces: string[], upTo = Number.POSITIVE_INFINITY) {
  const chunk = (delta: JsonObject, finish_reason: string | null = null) =>
    `data: ${JSON.stringify({ object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(': a comment\n\n');
  for (const content of pieces.slice(0, upTo)) response.write(chunk({ content }));
  if (upTo < pieces.length) {
    response.end();
    return undefined;
  }
  response.write(chunk({}, 'stop'));
  response.write('data: {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}\n\n');
  response.end('data: [DONE]\n\n');
  return undefined;
}
