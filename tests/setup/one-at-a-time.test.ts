import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'set-up-'));
  vi.stubEnv('DJ_SANDBOX_HOME', home);
  vi.resetModules();
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

describe('two set-ups at once', () => {
  it('run one after the other, and the second is told of the first', async () => {
    const { oneAtATime } = await import('../../setup/one-at-a-time.mjs');
    const order: string[] = [];
    let finish = () => {};
    const holding = oneAtATime(
      () =>
        new Promise<void>(resolve => {
          order.push('first starts');
          finish = () => {
            order.push('first ends');
            resolve();
          };
        }),
      () => {},
    );
    const waited: number[] = [];
    const second = oneAtATime(
      async () => void order.push('second'),
      pid => {
        waited.push(pid);
        finish();
      },
    );
    await Promise.all([holding, second]);
    expect(order).toEqual(['first starts', 'first ends', 'second']);
    expect(waited).toEqual([process.pid]);
  });

  it('do not wait for one that died', async () => {
    const { oneAtATime } = await import('../../setup/one-at-a-time.mjs');
    writeFileSync(join(home, 'set-up.lock'), '2147483646');
    expect(
      await oneAtATime(
        async () => 'ran',
        () => expect.unreachable(),
      ),
    ).toBe('ran');
    expect(existsSync(join(home, 'set-up.lock'))).toBe(false);
  });

  it('free the way when one fails', async () => {
    const { oneAtATime } = await import('../../setup/one-at-a-time.mjs');
    const failing = oneAtATime(
      async () => Promise.reject(new Error('no disk')),
      () => {},
    );
    await expect(failing).rejects.toThrow('no disk');
    expect(existsSync(join(home, 'set-up.lock'))).toBe(false);
  });
});
