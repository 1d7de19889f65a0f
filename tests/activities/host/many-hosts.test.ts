import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { homesOf } from '../../../activities/host/homes.ts';
import { leaseDevices, releaseDevices } from '../../../activities/runtime/lease.ts';
import { Random } from '../../soak/random.ts';

const clock = vi.hoisted(() => ({ now: 1_000 }));
vi.mock('../../../activities/runtime/host-clock.ts', async original => ({
  ...(await original<typeof import('../../../activities/runtime/host-clock.ts')>()),
  bootNow: () => clock.now,
}));

const HOSTS = 16;
const DEVICES = ['GPU-a', 'GPU-b', 'GPU-c', 'GPU-d'];

interface Claim {
  name: string;
  /** Fairness key. */
  key: string;
  gpus: number;
  asked: number;
  /** When its next attempt begins; which host gets it is chance. */
  due: number;
  homes: string[];
}

/** Sixteen hosts that poll one tag queue, in virtual time: claims ask a host by chance, jobs of one GPU come without end. */
class Cluster {
  waiting: Claim[] = [];
  running: { holder: string; host: string; until: number }[] = [];
  begun = 0;
  #folder: string;
  #random: Random;
  #number = 0;

  constructor(folder: string, seed: number) {
    this.#folder = folder;
    this.#random = new Random(seed);
  }

  add(gpus: number, key?: string): Claim {
    const name = `job-${this.#number++}`;
    const claim = { name, key: key ?? name, gpus, asked: clock.now, due: clock.now, homes: [] };
    this.waiting.push(claim);
    return claim;
  }

  /** Whatever is due at the next moment at which anything is. */
  async step(): Promise<void> {
    const next = this.waiting.reduce((a, b) => (b.due < a.due ? b : a));
    clock.now = next.due;
    const ended = this.running.filter(job => job.until <= clock.now);
    this.running = this.running.filter(job => job.until > clock.now);
    for (const { holder, host } of ended) await releaseDevices(holder, join(this.#folder, host));
    await this.#ask(next, `host-${this.#random.between(1, HOSTS)}`);
  }

  async #ask(claim: Claim, host: string): Promise<void> {
    claim.homes = homesOf(claim.homes, clock.now - claim.asked, host);
    const holder = join(this.#folder, 'jobs', claim.name);
    const answer = await leaseDevices({
      tag: 'gpu',
      gpus: claim.gpus,
      holder,
      trial: claim.name,
      turn: { priority: 3, key: claim.key, weight: 1 },
      offered: DEVICES,
      gathers: claim.gpus === 1 || claim.homes.includes(host),
      state: join(this.#folder, host),
    });
    if (!Array.isArray(answer)) {
      claim.due = clock.now + answer.asksIn!;
      return;
    }
    this.waiting = this.waiting.filter(one => one !== claim);
    this.begun += 1;
    // Renewed in truth; a lease counts as forgotten after 60 s.
    this.running.push({ holder, host, until: clock.now + this.#random.between(30, 55) });
  }
}

async function busyCluster(seed: number, waiting: number, key?: string) {
  clock.now = 1_000;
  const folder = await mkdtemp(join(tmpdir(), 'hosts-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const cluster = new Cluster(folder, seed);
  const step = async () => {
    while (cluster.waiting.length < waiting) cluster.add(1, key);
    await cluster.step();
  };
  while (clock.now < 1_060) await step();
  return { cluster, step };
}

// Some thousand asks, each with files of its own.
vi.setConfig({ testTimeout: 240_000 });

it('a claim of four GPUs gets them although each of sixteen hosts sees it only now and then, and most GPUs work meanwhile', async () => {
  const { cluster, step } = await busyCluster(1, 30);
  const large = cluster.add(4);
  const idle = [];
  while (cluster.waiting.includes(large)) {
    await step();
    idle.push(HOSTS * DEVICES.length - cluster.running.length);
    expect(clock.now - large.asked, 'seconds that it waits').toBeLessThan(240);
  }
  expect(large.homes).toHaveLength(1);
  expect(idle.reduce((sum, count) => sum + count, 0) / idle.length).toBeLessThan(12);
});

it('a single trial waits for some turns of a sweep on sixteen hosts, not for the hundred claims that the sweep has waiting', async () => {
  const { cluster, step } = await busyCluster(1, 100, 'sweep');
  const single = cluster.add(1);
  const before = cluster.begun;
  while (cluster.waiting.includes(single)) {
    await step();
    expect(cluster.begun - before, 'turns of the sweep').toBeLessThan(40);
  }
});
