// What another site's page, a name that was rebound, or a form of somebody else gets from the local server: nothing.
import { hostname } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newWorkDir, putTrial } from '../../support/work-dir.ts';
import { type Asking, asking, HOST } from './asking.ts';

let ui: Asking;
let all: Asking;
let remove: () => void;
beforeAll(() => {
  const made = newWorkDir();
  remove = made.remove;
  putTrial(made.workDir, 'my-run', { jobs: [{ metaName: 'look' }], context: {} });
  ui = asking([made.workDir]);
  all = asking([made.workDir], { host: '0.0.0.0' });
});
afterAll(() => remove());

const PATHS = ['/', '/list', '/compare', '/assets/page.css', '/nothing'];

describe('every answer', () => {
  test.each(PATHS)('of %s forbids frames, sniffing, foreign content, and telling others where one was', async path => {
    const { headers } = await ui.get(path);
    const policy = headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/https?:|\*/);
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    // No other site is told that it may read it.
    expect([...headers.keys()].filter(name => name.startsWith('access-control-'))).toEqual([]);
  });
});

describe("another site's page calling the local server", () => {
  test.each([
    ['a fetch', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' }],
    ['a fetch of an old browser', { origin: 'https://evil.example' }],
    ['a fetch of a page in a sandbox', { origin: 'null' }],
    ['an image', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }],
    ['a script', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' }],
    ['a frame', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }],
    ['an object', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'object' }],
    ['another port of this machine', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' }],
    ['another port of this machine, asking for itself', { origin: 'http://127.0.0.1:9999' }],
    ['the same name with TLS', { origin: `https://${HOST}` }],
  ])('by %s gets 403 and nothing of what is here', async (_, headers) => {
    for (const path of ['/', '/list', '/assets/page.css']) {
      const answer = await ui.get(path, headers);
      expect(answer.status).toBe(403);
      expect(await answer.text()).not.toContain('my-run');
    }
  });

  test.each([
    ['its own pages', { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', origin: `http://${HOST}` }],
    ['somebody who types the address', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }],
    [
      'a link that was followed',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
    ],
    ['curl', {}],
  ])('while %s may ask', async (_, headers) => {
    expect((await ui.get('/', headers)).status).toBe(200);
  });
});

describe('a name that was made to lead to this machine (DNS rebinding)', () => {
  test.each([
    'evil.example',
    'evil.example:8244',
    '127.0.0.1.evil.example',
    'localhost.evil.example:8244',
    '',
    '10.0.0.7:8244',
    '2130706433',
  ])('is not answered: %o', async host => {
    const answer = await ui.get('/', { host });
    expect(answer.status).toBe(421);
    expect(await answer.text()).not.toContain('my-run');
  });

  test.each(['127.0.0.1', 'localhost:8244', 'LOCALHOST:9000', '[::1]:8244'])(
    'is not what %s is, also where a tunnel comes in at another port',
    async host => {
      expect((await ui.get('/', { host })).status).toBe(200);
    },
  );

  test('is not answered either where other machines may ask: there addresses count and the name of this machine', async () => {
    expect((await all.get('/', { host: 'evil.example' })).status).toBe(421);
    for (const host of ['10.0.0.7:8244', '[fe80::1]:8244', hostname(), 'localhost'])
      expect((await all.get('/', { host })).status).toBe(200);
  });
});

test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'BREW'])(
  '%s is refused: pages are to be read only',
  async method => {
    // A browser's Request cannot even be made with TRACE.
    const asked = new Request(`http://${HOST}/`, { headers: { host: HOST } });
    const request = new Proxy(asked, { get: (of, key) => (key === 'method' ? method : Reflect.get(of, key, of)) });
    const answer = await ui.app.fetch(request);
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET, HEAD');
  },
);

test('HEAD tells what GET would, without it', async () => {
  const head = await ui.app.request(`http://${HOST}/`, { method: 'HEAD', headers: { host: HOST } });
  expect(head.status).toBe(200);
  expect(head.headers.get('etag')).toBe((await ui.get('/')).headers.get('etag'));
  expect(await head.text()).toBe('');
});
