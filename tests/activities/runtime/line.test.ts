import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  asksAgainAfter,
  charged,
  inLine,
  joinsAt,
  NO_SHARES,
  type Shares,
  type Turn,
  type Waiting,
} from '../../../activities/runtime/line.ts';

import { Random } from '../../soak/random.ts';

/** A host whose claims all ask all the time, so that whoever is first gets devices as soon as there are enough. */
class Host {
  waiting: Waiting[] = [];
  shares: Shares = NO_SHARES;
  served: Waiting[] = [];
  #running: { devices: number; until: number }[] = [];
  #free: number;
  #now = 0;
  #number = 0;

  constructor(devices: number) {
    this.#free = devices;
  }

  ask(turn: Turn, needed = 1): Waiting {
    const id = `${turn.key}-${String(this.#number++).padStart(6, '0')}`;
    const from = joinsAt(turn, this.waiting, this.shares);
    const claim = { ...turn, id, needed, since: this.#number, from };
    this.waiting.push(claim);
    return claim;
  }

  /** Gives what is free in the order of the line, none of it past who cannot have all yet, then lets time go on to the next end of a job. */
  step(seconds: () => number = () => 1): void {
    for (const { claim } of inLine(this.waiting, this.shares)) {
      if (claim.needed > this.#free) break;
      this.#free -= claim.needed;
      this.waiting = this.waiting.filter(one => one !== claim);
      this.shares = charged(claim, this.waiting, this.shares);
      this.served.push(claim);
      this.#running.push({ devices: claim.needed, until: this.#now + seconds() });
    }
    this.#now = Math.min(...this.#running.map(job => job.until));
    for (const job of this.#running.filter(one => one.until === this.#now)) this.#free += job.devices;
    this.#running = this.#running.filter(one => one.until > this.#now);
  }
}

const turn = (key: string, weight = 1, priority = 3): Turn => ({ key, weight, priority });
const devicesOf = (claims: Waiting[], key: string) =>
  claims.filter(one => one.key === key).reduce((sum, one) => sum + one.needed, 0);

describe('the line of claims', () => {
  it('shares a host by weight between keys that always wait: never further apart than one claim of each', () => {
    const weight = fc.constantFrom(0.5, 1, 2, 3, 10);
    const needs = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(weight, weight, needs, needs, fc.integer({ min: 4, max: 8 }), (wa, wb, na, nb, devices) => {
        const host = new Host(devices);
        let asked = 0;
        for (let step = 0; step < 60; step += 1) {
          for (const [key, w, needed] of [
            ['a', wa, na],
            ['b', wb, nb],
          ] as const)
            while (host.waiting.filter(one => one.key === key).length < 9)
              host.ask(turn(key, w), needed[asked++ % needed.length]);
          host.step();
          const apart = devicesOf(host.served, 'a') / wa - devicesOf(host.served, 'b') / wb;
          expect(Math.abs(apart)).toBeLessThanOrEqual(4 / wa + 4 / wb);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('serves the claims of one key in the order in which they came', () => {
    const asks = fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), needed: fc.integer({ min: 1, max: 4 }) }));
    fc.assert(
      fc.property(asks, all => {
        const host = new Host(4);
        for (const [i, { key, needed }] of all.entries()) {
          host.ask(turn(key), needed);
          if (i % 3 === 2) host.step();
        }
        while (host.waiting.length > 0) host.step();
        for (const key of ['a', 'b', 'c']) {
          const ids = host.served.filter(one => one.key === key).map(one => one.id);
          expect(ids).toEqual([...ids].sort());
        }
      }),
    );
  });

  it('lets a single trial wait behind one claim of each key, not behind the thousand that a sweep has waiting', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 200 }), (sweeps, before) => {
        const host = new Host(1);
        for (let i = 0; i < 1_000; i += 1) host.ask(turn(`sweep-${i % sweeps}`));
        for (let i = 0; i < before; i += 1) host.step();
        const single = host.ask(turn('single'));
        const from = host.served.length;
        while (!host.served.includes(single)) host.step();
        expect(host.served.length - from).toBeLessThanOrEqual(sweeps + 1);
      }),
      { numRuns: 20 },
    );
  });

  it('starves no claim of all devices, though single trials and sweeps that want one come without end', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), fc.boolean(), (seed, hasHadMuch) => {
        const host = new Host(4);
        const numbers = new Random(seed);
        const random = () => numbers.next();
        for (let i = 0; i < 40; i += 1) host.ask(turn(hasHadMuch ? 'large' : 'sweep'));
        for (let i = 0; i < 10; i += 1) host.step(random);
        const large = host.ask(turn('large'), 4);
        const from = host.served.length;
        for (let i = 0; !host.served.includes(large); i += 1) {
          while (host.waiting.length < 20)
            host.ask(turn(random() < 0.5 ? `single-${host.served.length}-${i}` : 'sweep'));
          host.step(random);
          expect(host.served.length - from).toBeLessThan(1_000);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('lets the lower priority key go first whatever its key has had', () => {
    const host = new Host(1);
    for (let i = 0; i < 20; i += 1) host.ask(turn('urgent', 1, 1));
    host.ask(turn('usual'));
    for (let i = 0; i < 20; i += 1) host.step();
    expect(host.served.map(one => one.key)).toEqual(Array(20).fill('urgent'));
    host.step();
    expect(host.served.at(-1)!.key).toBe('usual');
  });

  it('holds nothing against a key that had the host for itself: who comes after it starts beside it', () => {
    const host = new Host(1);
    for (let i = 0; i < 100; i += 1) host.ask(turn('early'));
    for (let i = 0; i < 50; i += 1) host.step();
    for (let i = 0; i < 100; i += 1) host.ask(turn('late'));
    const from = host.served.length;
    for (let i = 0; i < 40; i += 1) host.step();
    expect(devicesOf(host.served.slice(from), 'late')).toBeGreaterThanOrEqual(19);
    expect(devicesOf(host.served.slice(from), 'late')).toBeLessThanOrEqual(21);
  });

  it('remembers only keys that wait or are ahead of the clock', () => {
    const host = new Host(1);
    for (let i = 0; i < 500; i += 1) {
      host.ask(turn(`trial-${i}`));
      host.step();
    }
    expect(Object.keys(host.shares.served).length).toBeLessThanOrEqual(2);
  });

  it('takes any names for keys', () => {
    const host = new Host(1);
    for (const key of ['__proto__', 'constructor', '']) host.ask(turn(key));
    for (let i = 0; i < 3; i += 1) host.step();
    expect(new Set(host.served.map(one => one.key))).toEqual(new Set(['__proto__', 'constructor', '']));
  });
});

it('who is next asks again within a second, the hundredth within half a minute, and a hundred together less than ten times a second', () => {
  expect(asksAgainAfter(0)).toBe(1);
  expect(asksAgainAfter(100)).toBe(30);
  const asks = Array.from({ length: 100 }, (_, before) => 1 / asksAgainAfter(before));
  expect(asks.reduce((sum, one) => sum + one, 0)).toBeLessThan(10);
});
