// Files of a work_dir over the server: none from outside it, none of a kind that pages do not show; in ranges, so that videos can be sought in.
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { uiApp } from '../../../client/ui/app.ts';
import { rangeOf } from '../../../client/ui/byte-range.ts';
import { Runs } from '../../../client/ui/runs.ts';
import type { SeenClips } from '../../../client/ui/seen-clips.ts';
import { newWorkDir, put } from '../../support/work-dir.ts';
import { type Asking, asking, HOST } from './asking.ts';

let ui: Asking;
let remove: () => void;
const VIDEO = Uint8Array.from({ length: 1_000 }, (_, i) => i % 251);

beforeAll(() => {
  const { folder, workDir, remove: clear } = newWorkDir();
  remove = clear;
  const inJob = (...path: string[]) => join(workDir, 'jobs', 'k', ...path);
  put(inJob('epoch-1', 'out', 'a video.mp4'), VIDEO);
  put(inJob('epoch-1', 'out', 'empty.mp4'), '');
  put(inJob('manifest.json'), '{"key": "k"}');
  for (const name of ['spec.json', 'run.json', 'log.txt', 'page.html', 'picture.svg', '.env', 'env.sh', 'weights.bin'])
    put(inJob('epoch-1', name), 'TOKEN=secret');
  put(join(folder, 'outside.mp4'), 'secret');
  put(join(folder, 'beside', 'manifest.json'), 'secret');
  put(join(workDir, 'elsewhere.mp4'), 'secret');
  // As trials link their jobs.
  mkdirSync(join(workDir, 'trials', 't', 'anonymous'), { recursive: true });
  symlinkSync('../../../jobs/k', join(workDir, 'trials', 't', 'anonymous', '1-train'));
  symlinkSync(join(folder, 'outside.mp4'), inJob('link.mp4'));
  symlinkSync('../../../../beside', inJob('out-folder'));
  symlinkSync('epoch-1/spec.json', inJob('disguised.mp4'));
  symlinkSync('/dev/zero', inJob('endless.mp4'));
  symlinkSync('loop.mp4', inJob('loop.mp4'));
  mkdirSync(inJob('folder.mp4'));
  execFileSync('mkfifo', [inJob('pipe.mp4')]);
  linkSync(inJob('manifest.json'), inJob('study.json'));
  writeFileSync(join(workDir, 'jobs', 'study.json'), '{}');
  ui = asking([workDir]);
});
afterAll(() => remove());

const get = async (path: string, headers: Record<string, string> = {}) =>
  await ui.get(`/files/${ui.place}/${path}`, headers);

describe('what is shown', () => {
  test.each([
    ['jobs/k/epoch-1/out/a%20video.mp4', 'video/mp4'],
    ['trials/t/anonymous/1-train/epoch-1/out/a%20video.mp4', 'video/mp4'],
    ['jobs/k/manifest.json', 'text/plain; charset=utf-8'],
  ])('%s comes as %s', async (path, type) => {
    const answer = await get(path);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe(type);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });
});

describe('what is not given', () => {
  test.each([
    // Out of the work_dir, in all ways in which an address says so.
    '../outside.mp4',
    '..%2foutside.mp4',
    '%2e%2e/%2e%2e/outside.mp4',
    'jobs/%2e%2e/%2e%2e/%2e%2e/outside.mp4',
    'jobs/..%2f..%2f..%2foutside.mp4',
    'jobs/..%5c..%5coutside.mp4',
    'jobs/k/..%00/manifest.json',
    'jobs//k/manifest.json',
    '/etc/manifest.json',
    '%2fetc%2fpasswd.png',
    'jobs/%ff%fe.mp4',
    'jobs/%.mp4',
    // By links.
    'jobs/k/link.mp4',
    'jobs/k/out-folder/manifest.json',
    'jobs/k/disguised.mp4',
    'jobs/k/loop.mp4',
    // What is no file.
    'jobs/k/endless.mp4',
    'jobs/k/folder.mp4',
    'jobs/k/pipe.mp4',
    'jobs/k/manifest.json/',
    'jobs/k',
    'jobs',
    '',
    // Of kinds that hold what is nobody's business, or that a browser would run.
    'jobs/k/epoch-1/spec.json',
    'jobs/k/epoch-1/run.json',
    'jobs/k/epoch-1/log.txt',
    'jobs/k/epoch-1/page.html',
    'jobs/k/epoch-1/picture.svg',
    'jobs/k/epoch-1/.env',
    'jobs/k/epoch-1/env.sh',
    'jobs/k/epoch-1/weights.bin',
    // Not a run's.
    'elsewhere.mp4',
    'jobs/k/gone.mp4',
  ])('%o', async path => {
    const answer = await get(path);
    expect([404, 400]).toContain(answer.status);
    expect(await answer.text()).not.toContain('secret');
  });

  test('of a work_dir that is not looked at', async () => {
    expect((await ui.get('/files/00000000/jobs/k/manifest.json')).status).toBe(404);
    expect((await ui.get('/files/server/jobs/k/manifest.json')).status).toBe(404);
  });
});

test('clips that were made for pages come from their own folder alone', async () => {
  const { folder, remove: clear } = newWorkDir();
  put(join(folder, 'made', 'abc.webm'), VIDEO);
  put(join(folder, 'secret.webm'), 'secret');
  const clips = { folder: async () => join(folder, 'made') } as SeenClips;
  const runs = new Runs({ workDirs: async () => [], server: null });
  const app = uiApp({ runs, clips, host: '127.0.0.1', say: async () => null });
  const ask = async (name: string) => await app.request(`http://${HOST}/clips/${name}`, { headers: { host: HOST } });
  const made = await ask('abc.webm');
  expect([made.status, made.headers.get('content-type')]).toEqual([200, 'video/webm']);
  await made.arrayBuffer();
  for (const name of ['..%2fsecret.webm', '..%5csecret.webm', '%2e%2e%2fsecret.webm', 'nothing.webm', '.', '%ff.webm'])
    expect((await ask(name)).status).toBe(404);
  clear();
});

describe('ranges', () => {
  const path = 'jobs/k/epoch-1/out/a%20video.mp4';

  test.each([
    ['bytes=0-', 0, 999],
    ['bytes=100-199', 100, 199],
    ['bytes=990-5000', 990, 999],
    ['bytes=-10', 990, 999],
    ['bytes=-5000', 0, 999],
  ])('%s is answered with bytes %i to %i', async (range, start, end) => {
    const answer = await get(path, { range });
    expect(answer.status).toBe(206);
    expect(answer.headers.get('content-range')).toBe(`bytes ${start}-${end}/1000`);
    expect(answer.headers.get('content-length')).toBe(String(end - start + 1));
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(VIDEO.slice(start, end + 1));
  });

  test.each(['bytes=1000-', 'bytes=-0', 'bytes=5000-6000'])('%s is beyond its end: 416', async range => {
    const answer = await get(path, { range });
    expect(answer.status).toBe(416);
    expect(answer.headers.get('content-range')).toBe('bytes */1000');
  });

  test.each(['bytes=9-3', 'bytes=0-1,5-6', 'bytes=a-b', 'lines=1-2', 'bytes=-', ''])(
    '%o is none: all of it',
    async range => {
      const answer = await get(path, { range });
      expect(answer.status).toBe(200);
      expect(await answer.arrayBuffer()).toHaveProperty('byteLength', 1_000);
    },
  );

  test('of a file that has changed since are all of it; of an empty one there is none', async () => {
    const etag = (await get(path)).headers.get('etag')!;
    expect((await get(path, { 'if-none-match': etag })).status).toBe(304);
    expect((await get(path, { range: 'bytes=1-2', 'if-range': etag })).status).toBe(206);
    expect((await get(path, { range: 'bytes=1-2', 'if-range': '"other"' })).status).toBe(200);
    expect((await get('jobs/k/epoch-1/out/empty.mp4')).status).toBe(200);
    expect((await get('jobs/k/epoch-1/out/empty.mp4', { range: 'bytes=0-' })).status).toBe(416);
  });

  test('lie inside the file, whatever is asked for', () => {
    const header = fc.oneof(
      fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => `bytes=${a}-${b}`),
      fc.nat().map(n => `bytes=-${n}`),
      fc.nat().map(n => `bytes=${n}-`),
      fc.string(),
    );
    fc.assert(
      fc.property(header, fc.nat({ max: 5_000 }), (asked, size) => {
        const range = rangeOf(asked, size);
        if (range === null || range === 'unsatisfiable') return;
        expect(range.start).toBeGreaterThanOrEqual(0);
        expect(range.start).toBeLessThanOrEqual(range.end);
        expect(range.end).toBeLessThan(size);
      }),
    );
  });
});
