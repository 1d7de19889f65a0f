import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { noteOffer } from '../../../activities/host/offers.ts';
import { bootId, startOf } from '../../../activities/runtime/host-clock.ts';

it('two workers of a host that offer the same GPUs are told of each other; dead ones and reused process ids do not count', async () => {
  const state = await mkdtemp(join(tmpdir(), 'state-'));
  const other = spawn('sleep', ['60']);
  onTestFinished(() => void other.kill());
  const pid = other.pid!;
  const note = { pid, start: await startOf(pid), boot: await bootId(), devices: ['GPU-a', 'GPU-b'] };
  await mkdir(join(state, 'workers'));
  const write = (name: string, more = {}) =>
    writeFile(join(state, 'workers', name), JSON.stringify({ ...note, ...more }));
  await write('1.json');
  await write('2.json', { start: 1 });
  await write('3.json', { boot: 'an earlier one' });
  await writeFile(join(state, 'workers', '4.json'), '{"pid":');
  expect(await noteOffer(['GPU-b', 'GPU-c'], state)).toEqual([
    `the worker with process id ${pid} offers GPU-b too: they share, one job a GPU`,
  ]);
  expect((await readdir(join(state, 'workers'))).sort()).toEqual(['1.json', `${process.pid}.json`]);
  expect(await noteOffer(['GPU-c'], state)).toEqual([]);
  expect(await noteOffer([], state)).toEqual([]);
});
