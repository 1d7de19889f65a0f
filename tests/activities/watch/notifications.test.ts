import { createHmac } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Notice } from '../../../activities/watch/notify/notice.ts';
import { notify } from '../../../activities/watch/notify/notifications.ts';
import type { StoryLine } from '../../../activities/watch/story.ts';
import type { Notifier } from '../../../plan/watching.ts';
import { TrackedRun } from '../../support/tracked-run.ts';

const NASTY = '<script>alert(1)</script> **b** "q" \' 🙂 $(rm x)';
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

interface Received {
  notice: Notice;
  body: string;
  headers: IncomingHttpHeaders;
}

/** A webhook that answers with each of `answers` in turn, then with 204. */
async function webhook(...answers: (number | 'hang')[]) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    received.push({ notice: JSON.parse(body) as Notice, body, headers: request.headers });
    const answer = answers.shift() ?? 204;
    if (answer !== 'hang') response.writeHead(answer, { location: '/elsewhere' }).end();
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, received };
}

/** A run that somebody is told of, with what happened to it. */
async function told(notify: Notifier[], lines: Partial<StoryLine>[] = [{ kind: 'end', state: 'failed', why: NASTY }]) {
  const run = await TrackedRun.make([{ type: 'tensorboard' }], { id: NASTY, project: NASTY });
  await writeFile(join(run.folder, 'follow.json'), JSON.stringify({ ...run.followed, notify }));
  const now = Date.now() / 1000;
  const text = lines.map((line, i) => `${JSON.stringify({ run: 'r-1', event: i + 1, t: now, ...line })}\n`);
  await writeFile(join(run.folder, 'story.jsonl'), text.join(''));
  return run;
}

const said: string[] = [];
const options = { signal: new AbortController().signal, say: (line: string) => said.push(line) };

test('a webhook gets what happened, signed with a secret of the environment, and a name of any kind is data', async () => {
  const { url, received } = await webhook();
  process.env['TEST_SECRET'] = 's3cret';
  const { folder } = await told([{ webhook: url, secret_env: 'TEST_SECRET' }]);
  expect(await notify(folder, options)).toEqual({ delivered: 1, left: 0 });
  const [{ notice, body, headers }] = received as [Received];
  expect(notice).toMatchObject({ what: 'failed', kind: 'trial', why: NASTY, run: { id: NASTY, project: NASTY } });
  expect(headers['webhook-id']).toBe(notice.id);
  const signed = `${notice.id}.${headers['webhook-timestamp']}.${body}`;
  const expected = createHmac('sha256', 's3cret').update(signed).digest('base64');
  expect(headers['webhook-signature']).toBe(`v1,${expected}`);
  expect(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(60);
});

test('what was not accepted is tried again under the same id, and what was accepted never', async () => {
  const { url, received } = await webhook(500, 302);
  process.env['TEST_SECRET'] = 's';
  const { folder } = await told([{ webhook: url, secret_env: 'TEST_SECRET' }]);
  expect(await notify(folder, options)).toEqual({ delivered: 1, left: 0 });
  expect(received).toHaveLength(3);
  expect(new Set(received.map(({ notice }) => notice.id)).size).toBe(1);
  expect(await notify(folder, options)).toEqual({ delivered: 0, left: 0 });
  expect(received).toHaveLength(3);
});

test('who died between the answer and writing it down delivers again under the same id', async () => {
  const { url, received } = await webhook();
  process.env['TEST_SECRET'] = 's';
  const { folder } = await told([{ webhook: url, secret_env: 'TEST_SECRET' }]);
  await notify(folder, options);
  await writeFile(join(folder, 'notify.json'), '{"0": 0');
  await notify(folder, options);
  expect(received.map(({ notice }) => notice.id)).toEqual([received[0]!.notice.id, received[0]!.notice.id]);
});

test('one that hangs or lacks its secret keeps no other from being told', async () => {
  const { url, received } = await webhook();
  process.env['TEST_SECRET'] = 's';
  const { folder } = await told([
    { webhook: url, secret_env: 'NOT_SET_ANYWHERE' },
    { webhook: url, secret_env: 'TEST_SECRET' },
  ]);
  expect(await notify(folder, { ...options, once: true })).toEqual({ delivered: 1, left: 1 });
  expect(received).toHaveLength(1);
  expect(said.at(-1)).toContain('the environment variable NOT_SET_ANYWHERE is not set');
});

test('a command gets JSON on its input and no shell reads any of it; only what it asked for is told', async () => {
  const notifier: Notifier = { command: ['./tell', '$(touch pwned)'], events: ['paused', 'target'] };
  const run = await told(
    [notifier],
    [
      { kind: 'state', state: 'running' },
      { kind: 'state', state: 'paused' },
      { kind: 'targets', iteration: 1, targets: [{ target: 'p.a.s >= 1', value: 2 }] },
      { kind: 'end', state: 'done', why: null },
    ],
  );
  await mkdir(run.workDir, { recursive: true });
  const program = join(run.workDir, 'tell');
  await writeFile(program, '#!/bin/sh\n{ printf "%s " "$1" "$DJ_SANDBOX_NOTICE"; cat; echo; } >> told.txt\n');
  await chmod(program, 0o755);
  expect(await notify(run.folder, options)).toEqual({ delivered: 2, left: 0 });
  const lines = (await readFile(join(run.workDir, 'told.txt'), 'utf8')).trim().split('\n');
  const notices = lines.map(line => JSON.parse(line.slice(line.indexOf('{'))) as Notice);
  expect(notices.map(({ what }) => what)).toEqual(['paused', 'target']);
  expect(lines[0]!.startsWith(`$(touch pwned) ${notices[0]!.id} `)).toBe(true);
  expect(notices[1]!.targets).toEqual([{ target: 'p.a.s >= 1', value: 2 }]);
});

test('a command that fails says how, and is told again later', async () => {
  const { folder } = await told([{ command: ['sh', '-c', 'echo no room >&2; exit 3'] }]);
  expect(await notify(folder, { ...options, once: true })).toEqual({ delivered: 0, left: 1 });
  expect(said.at(-1)).toContain('command sh exited with code 3: no room');
});
