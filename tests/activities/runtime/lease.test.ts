import { mkdir, readdir, readFile, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { DetachedError, WorkerShutdown } from '../../../activities/runtime/end-reason.ts';
import { bootNow } from '../../../activities/runtime/host-clock.ts';
import {
  type LeaseRequest,
  leaseDevices,
  offeredDevices,
  releaseDevices,
  renewDevices,
} from '../../../activities/runtime/lease.ts';
import { runProgram } from '../../../activities/runtime/program.ts';
import { reserved, type Ticket } from '../../../activities/runtime/tickets.ts';
import { options, runFolder, trainer } from './trainers.ts';

const offered = ['GPU-a', 'GPU-b', 'GPU-c'];

async function ticketFiles(state: string): Promise<string[]> {
  const [leases] = (await readdir(state).catch(() => [])).filter(name => name.startsWith('leases-'));
  const folder = join(state, leases ?? '', 'line');
  return (await readdir(folder).catch(() => [])).map(name => join(folder, name));
}

async function host() {
  const folder = await runFolder();
  const state = join(folder, 'state');
  return {
    folder,
    state,
    lease: async (holder: string, gpus: number, more: Partial<LeaseRequest> = {}) => {
      const asked = { tag: 'gpu', gpus, holder: join(folder, holder), trial: 't', offered, state, ...more };
      const answer = await leaseDevices(asked);
      return Array.isArray(answer) ? answer : 'busy';
    },
    release: (holder: string) => releaseDevices(join(folder, holder), state),
    renew: (holder: string) => renewDevices(join(folder, holder), state),
    /** As if those who wait had not asked for some time. */
    ageTickets: async (seconds: number) => {
      for (const path of await ticketFiles(state)) {
        const ticket = JSON.parse(await readFile(path, 'utf8')) as Ticket;
        await writeFile(path, JSON.stringify({ ...ticket, seen: ticket.seen - seconds }));
        // What a name stands for never changes.
        await rename(path, path.replace('.json', '0.json'));
      }
    },
    /** As if nobody had renewed for some time. */
    age: async (seconds: number) => {
      const [leases] = (await readdir(state)).filter(name => name.startsWith('leases-'));
      const then = bootNow() - seconds;
      for (const name of await readdir(join(state, leases!)))
        if (/\.\d+$/.test(name)) await utimes(join(state, leases!, name), then, then);
    },
  };
}

test('all devices that a job needs, or none', async () => {
  const { lease, release } = await host();
  expect(await lease('one', 2)).toEqual(['GPU-a', 'GPU-b']);
  expect(await lease('two', 2)).toBe('busy');
  await release('one');
  expect(await lease('two', 2)).toEqual(['GPU-a', 'GPU-b']);
  expect(await lease('three', 1)).toEqual(['GPU-c']);
});

test('a claim that is made again for the same job gives the same devices, but not to another trial', async () => {
  const { lease } = await host();
  expect(await lease('one', 2)).toEqual(['GPU-a', 'GPU-b']);
  expect(await lease('one', 2)).toEqual(['GPU-a', 'GPU-b']);
  expect(await lease('one', 2, { trial: 'other' })).toBe('busy');
});

test('a host without GPUs runs one training at a time and names no device', async () => {
  const { lease, release } = await host();
  expect(await lease('one', 4, { offered: [] })).toEqual([]);
  expect(await lease('two', 1, { offered: [] })).toBe('busy');
  await release('one');
  expect(await lease('two', 1, { offered: [] })).toEqual([]);
});

test('a host without GPUs runs as many trainings at a time as it has CPU places, whatever number of GPUs they ask for', async () => {
  const { lease, release } = await host();
  const offer = { offered: [], cpuPlaces: 2 };
  expect(await lease('one', 4, offer)).toEqual([]);
  expect(await lease('two', 1, offer)).toEqual([]);
  expect(await lease('three', 1, offer)).toBe('busy');
  await release('one');
  expect(await lease('three', 1, offer)).toEqual([]);
});

test('a job that needs no GPU leases nothing', async () => {
  const { lease } = await host();
  await lease('one', 3);
  expect(await lease('two', 0)).toEqual([]);
});

test('more GPUs than the host has: says so instead of being busy for ever', async () => {
  const { lease } = await host();
  await expect(lease('one', 4)).rejects.toThrow(
    'the job needs 4 GPUs at once, this worker for tag gpu offers 3: GPU-a, GPU-b, GPU-c',
  );
});

test('a lease that nobody renews is taken over after 60 s, not before', async () => {
  const { lease, age, renew, release } = await host();
  await lease('one', 3);
  await age(50);
  expect(await lease('two', 1)).toBe('busy');
  await age(70);
  expect(await renew('one')).toBe(3);
  expect(await lease('two', 1)).toBe('busy');
  await age(70);
  expect(await lease('two', 1)).toEqual(['GPU-a']);
  expect(await renew('one')).toBe(2);
  await release('one');
  expect(await lease('three', 3)).toBe('busy');
});

test('a lease whose job has a live supervisor is never stale', async () => {
  const { folder, lease, age } = await host();
  await lease('', 3);
  const shutdown = new AbortController();
  const onProgress = ({ step = 0 }) => step > 1 && shutdown.abort(new WorkerShutdown());
  const run = runProgram(trainer('bar.py', 1000, 0.05), { ...options(folder, shutdown.signal), onProgress });
  await expect(run).rejects.toThrow(DetachedError);
  await age(1000);
  expect(await lease('two', 1)).toBe('busy');
});

test('of many that want all devices at the same moment, exactly one gets them', async () => {
  const { lease } = await host();
  const racers = await Promise.all(Array.from({ length: 40 }, (_, i) => lease(`job-${i}`, 3)));
  expect(racers.filter(got => got !== 'busy')).toEqual([offered]);
});

test('whatever is leased and released at once, no device ever has two holders', async () => {
  const { lease, release, ageTickets } = await host();
  const wishes = fc.array(
    fc.array(fc.record({ job: fc.nat(5), gpus: fc.integer({ min: 1, max: 3 }) }), { maxLength: 6 }),
    { maxLength: 6 },
  );
  await fc.assert(
    fc.asyncProperty(wishes, async rounds => {
      const held = new Map<number, string[]>();
      for (const round of rounds) {
        const asking = round.filter(({ job }, i) => !held.has(job) && round.findIndex(one => one.job === job) === i);
        const leaving = [...held.keys()].filter(job => round.some(one => one.job === job));
        const got = await Promise.all(asking.map(({ job, gpus }) => lease(`job-${job}`, gpus)));
        for (const [i, devices] of got.entries()) if (devices !== 'busy') held.set(asking[i]!.job, devices);
        const all = [...held.values()].flat();
        expect(new Set(all).size).toBe(all.length);
        await Promise.all(leaving.map(job => release(`job-${job}`)));
        for (const job of leaving) held.delete(job);
      }
      for (const job of held.keys()) await release(`job-${job}`);
      await ageTickets(300);
    }),
    { numRuns: 30 },
  );
  expect(await lease('last', 3)).toEqual(offered);
});

test('what a worker offers is asked of nvidia-smi: by index or UUID, each GPU under one name', async () => {
  const { folder } = await host();
  const bin = join(folder, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'nvidia-smi'), '#!/bin/sh\nprintf "GPU-aaa\\nGPU-bbb\\n"\n', { mode: 0o755 });
  const before = { path: process.env.PATH, visible: process.env.CUDA_VISIBLE_DEVICES };
  process.env.PATH = `${bin}:${before.path}`;
  try {
    expect(await offeredDevices('auto')).toEqual(['GPU-aaa', 'GPU-bbb']);
    expect(await offeredDevices('none')).toEqual([]);
    expect(await offeredDevices(['1', 'GPU-aa'])).toEqual(['GPU-bbb', 'GPU-aaa']);
    await expect(offeredDevices(['2'])).rejects.toThrow(
      'there is no GPU "2" on this host: nvidia-smi lists 0 (GPU-aaa), 1 (GPU-bbb)',
    );
    expect(await offeredDevices(['0', 'GPU-aaa'])).toEqual(['GPU-aaa']);
    await expect(offeredDevices(['GPU-'])).rejects.toThrow('several GPUs are called "GPU-" on this host');
    process.env.CUDA_VISIBLE_DEVICES = '1';
    expect(await offeredDevices('auto')).toEqual(['GPU-bbb']);
  } finally {
    process.env.PATH = before.path;
    delete process.env.CUDA_VISIBLE_DEVICES;
    if (before.visible !== undefined) process.env.CUDA_VISIBLE_DEVICES = before.visible;
  }
});

test('a job that another trial runs is waited for, even where other devices are free, until that trial is gone', async () => {
  const { lease, age, release } = await host();
  expect(await lease('one', 1)).toEqual(['GPU-a']);
  expect(await lease('one', 1, { trial: 'other' })).toBe('busy');
  await age(61);
  expect(await lease('one', 1, { trial: 'other' })).not.toBe('busy');
  await release('one');
});

test('a trial that ends late neither frees nor renews what another trial has leased for the same job since', async () => {
  const { folder, state, lease, renew } = await host();
  await lease('one', 1, { trial: 'other' });
  await releaseDevices(join(folder, 'one'), state, 't');
  expect(await renewDevices(join(folder, 'one'), state, 't')).toBe(0);
  expect(await renew('one')).toBe(1);
});

describe('claims that wait', () => {
  it('of many GPUs are not starved: devices gather for the oldest while claims of one come and go', async () => {
    const { lease, release } = await host();
    for (const job of ['one', 'two', 'three']) await lease(job, 1);
    expect(await lease('all', 3)).toBe('busy');
    for (const [i, job] of ['one', 'two', 'three'].entries()) {
      await release(job);
      expect(await lease(`late-${i}`, 1)).toBe('busy');
    }
    expect(await lease('all', 3)).toEqual(offered);
    await release('all');
    expect(await lease('late-2', 1)).toEqual(['GPU-c']);
    expect(await lease('late-0', 1)).toEqual(['GPU-a']);
  });

  it('leave to younger ones what they do not need', async () => {
    const { lease, release } = await host();
    await lease('one', 2);
    expect(await lease('pair', 2)).toBe('busy');
    await release('one');
    expect(await lease('late', 1)).toEqual(['GPU-c']);
    expect(await lease('pair', 2)).toEqual(['GPU-a', 'GPU-b']);
  });

  it('reserve nothing once they have not asked for 10 s, but keep their place for when they ask again', async () => {
    const { lease, release, ageTickets } = await host();
    await lease('one', 3);
    expect(await lease('first', 1)).toBe('busy');
    expect(await lease('second', 3)).toBe('busy');
    await ageTickets(11);
    expect(await lease('third', 3)).toBe('busy');
    expect(await lease('first', 1)).toBe('busy');
    await release('one');
    expect(await lease('third', 3)).toBe('busy');
    expect(await lease('second', 3)).toBe('busy');
    expect(await lease('first', 1)).toEqual(['GPU-a']);
  });

  it('are forgotten when they have what they want, and after ten minutes', async () => {
    const { lease, release, ageTickets, state } = await host();
    await lease('one', 3);
    await lease('two', 1);
    expect(await ticketFiles(state)).toHaveLength(1);
    await release('one');
    await lease('two', 1);
    expect(await ticketFiles(state)).toHaveLength(0);
    await lease('three', 3);
    await ageTickets(601);
    await lease('four', 1);
    expect(await ticketFiles(state)).toHaveLength(0);
  });

  it('do not reserve where another trial runs their job: they wait for its result, not for devices', async () => {
    const { lease, state } = await host();
    await lease('one', 1);
    expect(await lease('one', 1, { trial: 'other' })).toBe('busy');
    expect(await ticketFiles(state)).toEqual([]);
  });

  it('reserve no more than those before need, none of what a worker does not offer, and nothing for who no longer asks or does not gather', () => {
    const ticket: fc.Arbitrary<Ticket & { byRight: boolean }> = fc.record({
      id: fc.uuid(),
      holder: fc.constant('/job'),
      epoch: fc.constant(0),
      priority: fc.constant(3),
      key: fc.constant('t'),
      weight: fc.constant(1),
      from: fc.constant(0),
      since: fc.nat(100),
      needed: fc.integer({ min: 1, max: 4 }),
      gathers: fc.boolean(),
      byRight: fc.boolean(),
      devices: fc.subarray(['a', 'b', 'c', 'd'], { minLength: 1 }),
      seen: fc.constantFrom(100, 85),
      asksIn: fc.constant(1),
      pause: fc.constant(1),
    });
    const free = fc.subarray(['a', 'b', 'c', 'd']);
    fc.assert(
      fc.property(fc.array(ticket, { maxLength: 6 }), free, (before, left) => {
        const kept = reserved(before, left, 100);
        const reserving = before.filter(one => one.seen === 100 && (one.gathers || one.needed === 1));
        expect(kept.size).toBeLessThanOrEqual(reserving.reduce((sum, one) => sum + one.needed, 0));
        for (const device of kept) expect(left).toContain(device);
        for (const device of kept) expect(reserving.some(one => one.devices.includes(device))).toBe(true);
        const [first] = reserving;
        const fits = left.filter(device => first?.devices.includes(device));
        expect(fits.filter(device => kept.has(device)).length).toBeGreaterThanOrEqual(
          Math.min(first?.needed ?? 0, fits.length),
        );
      }),
    );
  });

  it('have turns by weight: of two sweeps the one of double weight gets two devices to one, and a single trial waits behind neither', async () => {
    const { lease, release } = await host();
    const sweep = (key: string, weight: number) => ({ turn: { priority: 3, key, weight } });
    const waiting = new Map<string, Partial<LeaseRequest>>();
    for (let i = 0; i < 18; i += 1) waiting.set(`a-${i}`, sweep('a', 2)).set(`b-${i}`, sweep('b', 1));
    await lease('before', 3);
    for (const [name, more] of waiting) expect(await lease(name, 1, { ...more, trial: name })).toBe('busy');
    await release('before');
    const served: string[] = [];
    /** All ask, in an order that favours none; who gets a device frees it when all have asked. */
    const round = async () => {
      const running: string[] = [];
      for (const name of [...waiting.keys()].reverse())
        if ((await lease(name, 1, { ...waiting.get(name), trial: name })) !== 'busy') running.push(name);
      const byAge = [...waiting.keys()].filter(name => running.includes(name));
      for (const name of byAge) {
        served.push(name);
        waiting.delete(name);
        await release(name);
      }
    };
    for (let rounds = 0; rounds < 5; rounds += 1) await round();
    expect(served.filter(name => name.startsWith('a'))).toHaveLength(10);
    waiting.set('single', { turn: { priority: 3, key: 'single', weight: 1 } });
    await round();
    await round();
    expect(served.slice(15)).toContain('single');
    waiting.set('urgent', { turn: { priority: 1, key: 'urgent', weight: 1 } });
    await lease('urgent', 1, { ...waiting.get('urgent'), trial: 'urgent' });
    await round();
    expect(served.slice(-3)).toContain('urgent');
    for (const key of ['a', 'b']) {
      const turns = served.filter(name => name.startsWith(key));
      expect(turns).toEqual(turns.map((_, i) => `${key}-${i}`));
    }
  });

  it('ask the less often the more are before them, and soon when they are next', async () => {
    const { folder, state, lease } = await host();
    await lease('one', 3);
    const asksIn = [];
    for (let i = 0; i < 70; i += 1) {
      const answer = await leaseDevices({
        tag: 'gpu',
        gpus: 1,
        holder: join(folder, `${i}`),
        trial: 't',
        offered,
        state,
      });
      if (!Array.isArray(answer)) asksIn.push(answer.asksIn!);
    }
    expect(asksIn).toEqual([...asksIn].sort((a, b) => a - b));
    expect(asksIn).toHaveLength(70);
    expect(asksIn[0]).toBe(1);
    expect(asksIn.at(-1)).toBe(30);
    expect(asksIn.reduce((sum, seconds) => sum + 1 / seconds, 0)).toBeLessThan(10);
  });
});

test('a host whose clock is set a day forward or back neither loses nor keeps a lease for it, nor a place in line', async () => {
  const { lease, age, release } = await host();
  const { now } = Date;
  await lease('one', 3);
  try {
    for (const day of [86_400_000, -86_400_000]) {
      Date.now = () => now() + day;
      await age(30);
      expect(await lease('two', 1)).toBe('busy');
      expect(await lease('three', 1)).toBe('busy');
    }
    await age(61);
    expect(await lease('two', 1)).toEqual(['GPU-a']);
    // Their tickets count as before.
    await release('one');
    expect(await lease('all', 3)).toBe('busy');
    expect(await lease('three', 1)).toEqual(['GPU-b']);
  } finally {
    Date.now = now;
  }
});
