import { mkdir, mkdtemp, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { alone } from '../../../activities/runtime/alone.ts';

let dir: string;
beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), 'alone-')), 'jobs', 'k');
});
const { signal } = new AbortController();

describe('two runs of one job', () => {
  it('that begin at once run one after the other', async () => {
    let running = 0;
    const most: number[] = [];
    const work = async () => {
      running += 1;
      most.push(running);
      await new Promise(resolve => setTimeout(resolve, 20));
      running -= 1;
    };
    await Promise.all([1, 2, 3].map(() => alone(dir, signal, work)));
    expect(most).toEqual([1, 1, 1]);
  });

  it('do not wait for one that failed', async () => {
    await expect(alone(dir, signal, () => Promise.reject(new Error('bad')))).rejects.toThrow('bad');
    expect(await alone(dir, signal, async () => 'done')).toBe('done');
  });

  it('take over the lock of a holder that died', async () => {
    const lock = join(dir, 'run.lock');
    await mkdir(lock, { recursive: true });
    const then = Date.now() / 1000 - 11;
    await utimes(lock, then, then);
    expect(await alone(dir, signal, async () => 'done')).toBe('done');
  });

  it('take it over though the clock was set back a day since, so that it seems to be of tomorrow', async () => {
    const lock = join(dir, 'run.lock');
    await mkdir(lock, { recursive: true });
    const tomorrow = Date.now() / 1000 + 86_400;
    await utimes(lock, tomorrow, tomorrow);
    expect(await alone(dir, signal, async () => 'done')).toBe('done');
  });

  it('stop waiting when they are aborted', async () => {
    const waiting = new AbortController();
    let entered = false;
    await alone(dir, signal, async () => {
      const second = alone(dir, waiting.signal, async () => {
        entered = true;
      });
      waiting.abort(new Error('stopped'));
      await expect(second).rejects.toThrow();
    });
    expect(entered).toBe(false);
  });
});
