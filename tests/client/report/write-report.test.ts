import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { placeVideos } from '../../../client/report/videos.ts';
import { writeReport } from '../../../client/report/write-report.ts';
import { trialFiles } from '../../report/trial-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'dj-report-out-'));
afterEach(() => void vi.restoreAllMocks());

/** What a call prints on stdout. */
async function printed(call: () => Promise<void>): Promise<string> {
  const lines: string[] = [];
  vi.spyOn(console, 'log').mockImplementation(line => void lines.push(`${line}\n`));
  vi.spyOn(process.stdout, 'write').mockImplementation(text => lines.push(String(text)) > 0);
  await call();
  vi.restoreAllMocks();
  return lines.join('');
}

test('the report is below the work_dir, and its path and size are printed', async () => {
  const { workDir } = trialFiles();
  const text = await printed(() => writeReport('t', { workDir }));
  const path = join(workDir, 'reports', 't', 'index.html');
  expect(text).toContain('index.html  (1.2 MiB)');
  expect(readFileSync(path, 'utf8')).toMatch(/^<!doctype html>/);
  expect(readdirSync(join(workDir, 'reports', 't'))).toEqual(['index.html']);
});

test('--json tells where it is and what could not be shown, also of a trial that failed', async () => {
  const { workDir } = trialFiles({ failed: true });
  const told = JSON.parse(await printed(() => writeReport('t', { workDir, out: join(folder, 'json'), json: true })));
  expect(told).toMatchObject({ id: 't', kind: 'trial', path: join(folder, 'json', 'index.html'), lacking: [] });
  expect(told.videos).toEqual({ how: 'embed', count: 0, bytes: 0 });
});

test('an id that is not there, a work_dir that is not there, and a folder that cannot be written to are told apart', async () => {
  const { workDir } = trialFiles();
  await expect(writeReport('tt', { workDir })).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining('did you mean t?'),
  });
  await expect(writeReport('t', { workDir: '/nowhere' })).rejects.toMatchObject({ exitCode: 2 });
  writeFileSync(join(folder, 'file'), '');
  await expect(writeReport('t', { workDir, out: join(folder, 'file', 'below') })).rejects.toMatchObject({
    exitCode: 1,
    message: expect.stringMatching(/cannot be written to .*--out/),
  });
});

test('videos are embedded while they are small together, else copied beside the page under plain names', async () => {
  const source = join(folder, 'a "quoted" name.mp4');
  writeFileSync(source, 'video');
  const videos = [
    { file: 'jobs/0123456789abcdef/out/a "quoted" name.mp4', path: source },
    { file: 'jobs/x/out/gone.mp4', path: join(folder, 'gone.mp4') },
  ];
  const embedded = await placeVideos(videos, join(folder, 'none'), undefined);
  expect(embedded).toMatchObject({ how: 'embed', count: 1, bytes: 5 });
  expect([...embedded.urls.values()]).toEqual([`data:video/mp4;base64,${Buffer.from('video').toString('base64')}`]);
  expect(existsSync(join(folder, 'none'))).toBe(false);

  const out = join(folder, 'linked');
  mkdirSync(join(out, 'videos'), { recursive: true });
  writeFileSync(join(out, 'videos', '007-0123456789ab.mp4'), 'of an earlier report');
  writeFileSync(join(out, 'videos', 'mine.mp4'), 'of the user');
  const linked = await placeVideos(videos, out, 'link');
  expect([...linked.urls.values()]).toEqual(['videos/000-0123456789ab.mp4']);
  expect(readdirSync(join(out, 'videos')).sort()).toEqual(['000-0123456789ab.mp4', 'mine.mp4']);
});
