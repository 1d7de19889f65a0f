// Logs of a job as runs leave them: segments, later runs that took one over, parts, and jobs without a program of their own.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { logFiles } from '../../../client/logs/log-files.ts';
import { LogReader } from '../../../client/logs/log-reader.ts';

const folder = mkdtempSync(join(tmpdir(), 'dj-logs-'));
afterAll(() => rmSync(folder, { recursive: true }));

function job(name: string, files: Record<string, string>): string {
  const dir = join(folder, name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return dir;
}

async function found(dir: string) {
  return (await logFiles(dir)).map(({ path, epoch, segment, program }) => [
    path.slice(dir.length + 1),
    epoch,
    segment,
    program,
  ]);
}

describe('the logs of a job', () => {
  test('are its segments in order; one that a later run took over is there once, as that run has it', async () => {
    const dir = job('training', {
      'epoch-1/log-1.txt': 'a\n',
      'epoch-1/log-2.txt': 'b\n',
      'epoch-2/log-2.txt': 'b\n',
      'epoch-2/log-3.txt': 'c\n',
      'epoch-10/log-3.txt': 'c\n',
      'epoch-10/log-4.txt': 'd\n',
    });
    symlinkSync('log-4.txt', join(dir, 'epoch-10', 'log.txt'));
    expect(await found(dir)).toEqual([
      ['epoch-1/log-1.txt', 1, 1, ''],
      ['epoch-2/log-2.txt', 1, 2, ''],
      ['epoch-10/log-3.txt', 2, 3, ''],
      ['epoch-10/log-4.txt', 10, 4, ''],
    ]);
  });

  test('that has parts and several programs name them', async () => {
    const dir = job('scores', {
      'parts/motion/epoch-1/log-1.txt': '',
      'epoch-1/log-1.txt': '',
      'epoch-1/program-2/log-1.txt': '',
      'epoch-1/program-10/log-1.txt': '',
    });
    expect(await found(dir)).toEqual([
      ['parts/motion/epoch-1/log-1.txt', 1, 1, 'parts/motion'],
      ['epoch-1/log-1.txt', 1, 1, ''],
      ['epoch-1/program-2/log-1.txt', 1, 1, 'program-2'],
      ['epoch-1/program-10/log-1.txt', 1, 1, 'program-10'],
    ]);
  });

  test('that runs in a worker is a log a run', async () => {
    const dir = job('analysis', { 'epoch-1/log.txt': 'x', 'epoch-2/log.txt': 'y' });
    expect(await found(dir)).toEqual([
      ['epoch-1/log.txt', 1, null, ''],
      ['epoch-2/log.txt', 2, null, ''],
    ]);
  });

  test('that has none, or is not there, are none', async () => {
    expect(await found(job('silent', { 'epoch-1/run.json': '{}' }))).toEqual([]);
    expect(await found(join(folder, 'nowhere'))).toEqual([]);
  });
});

describe('a log that is read on', () => {
  async function next(reader: LogReader, path: string, isCopy = false): Promise<string> {
    const pieces: Buffer[] = [];
    for await (const piece of reader.read(path, { isCopy })) pieces.push(piece);
    return Buffer.concat(pieces).toString();
  }

  test('gives what is new, from its start again when it was emptied or replaced, and nothing while it is gone', async () => {
    const dir = job('growing', { log: 'one\n' });
    const path = join(dir, 'log');
    const reader = new LogReader();
    expect(await next(reader, path)).toBe('one\n');
    writeFileSync(path, 'two\n', { flag: 'a' });
    expect(await next(reader, path)).toBe('two\n');
    truncateSync(path, 0);
    expect(await next(reader, path)).toBe('');
    writeFileSync(path, 'three\n');
    expect(await next(reader, path)).toBe('three\n');
    writeFileSync(join(dir, 'other'), 'another file\n');
    rmSync(path);
    expect(await next(reader, path)).toBe('');
    symlinkSync('other', path);
    expect(await next(reader, path)).toBe('another file\n');
  });

  test("goes on in a later run's copy of it where it stands", async () => {
    const dir = job('copied', { old: 'one\ntwo\n', copy: 'one\ntwo\nthree\n' });
    const reader = new LogReader();
    await next(reader, join(dir, 'old'));
    expect(await next(reader, join(dir, 'copy'), true)).toBe('three\n');
  });

  test('begins where it is told to', async () => {
    const dir = job('begun', { log: 'one\ntwo\n' });
    expect(await next(new LogReader(4), join(dir, 'log'))).toBe('two\n');
  });
});
