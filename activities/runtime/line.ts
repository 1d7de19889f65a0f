// The line of claims that wait for devices of one host: by priority, then by weighted fair queueing over fairness keys, then by age. Pure.

/** When a claim is to have its turn: Temporal's priority and fairness. */
export interface Turn {
  /** 1 is served first, 5 last. */
  priority: number;
  /** Whose turn it is: a sweep's, or one trial's. */
  key: string;
  /** Share of the host's devices against other keys of the priority. */
  weight: number;
}

export const DEFAULT_PRIORITY = 3;
export const DEFAULT_WEIGHT = 1;

/** A claim in line. */
export interface Waiting extends Turn {
  id: string;
  needed: number;
  /** When it began to wait: only the order counts. */
  since: number;
  /** Virtual time at which its key began to wait. */
  from: number;
}

/**
 * Virtual times of the host, in devices leased per unit of weight: start-time fair queueing (Goyal, Vin, Cheng 1996). `served`: of each key,
 * where its last lease ended; keys that are not in it start at `clock`.
 */
export interface Shares {
  clock: number;
  served: Record<string, number>;
}

export const NO_SHARES: Shares = { clock: 0, served: {} };

const FIRST_WAIT_S = 1;
const WAIT_PER_PLACE_S = 0.5;
const LONGEST_WAIT_S = 30;

/** Seconds after which a claim with so many before it asks again: soon when it is next, seldom when many are before it. */
export function asksAgainAfter(before: number): number {
  return Math.min(LONGEST_WAIT_S, FIRST_WAIT_S + WAIT_PER_PLACE_S * before);
}

/** A claim's turn in virtual time. */
export interface Slot<T extends Waiting> {
  claim: T;
  start: number;
  end: number;
}

/** The claims in the order in which they are served. */
export function inLine<T extends Waiting>(waiting: readonly T[], shares: Shares): Slot<T>[] {
  const byAge = [...waiting].sort((a, b) => a.priority - b.priority || olderFirst(a, b));
  const next = startsOf(waiting, shares);
  const slots = byAge.map(claim => {
    const start = next.get(claim.key)!;
    const end = start + claim.needed / claim.weight;
    next.set(claim.key, end);
    return { claim, start, end };
  });
  return slots.sort((a, b) => a.claim.priority - b.claim.priority || a.start - b.start || olderFirst(a.claim, b.claim));
}

/** Whether fairness, not only age, puts a claim before another: its turn is over before the other's begins. */
export function byRight<T extends Waiting>(first: Slot<T>, second: Slot<T>): boolean {
  if (first.claim.priority !== second.claim.priority) return first.claim.priority < second.claim.priority;
  return first.claim.key !== second.claim.key && first.end <= second.start;
}

/** Virtual time at which a claim joins the line: its key's own where others of it wait, else that of the least served who wait. */
export function joinsAt({ key, priority }: Turn, waiting: readonly Waiting[], shares: Shares): number {
  const same = waiting.filter(one => one.key === key);
  if (same.length > 0) return least(same.map(one => one.from));
  const peers = waiting.filter(one => one.priority === priority);
  return peers.length === 0 ? shares.clock : Math.max(shares.clock, least(startsOf(peers, shares).values()));
}

/**
 * The shares after a claim got its devices; `waiting`: who waits still. The clock goes on with every lease, also where new keys come without end:
 * a key that has had more than its share waits for a bounded number of leases.
 */
export function charged(got: Waiting, waiting: readonly Waiting[], shares: Shares): Shares {
  const start = startsOf([got, ...waiting], shares).get(got.key)!;
  const peers = waiting.filter(one => one.priority === got.priority);
  const weights = new Map([got, ...peers].map(one => [one.key, one.weight]));
  const clock = Math.max(shares.clock + got.needed / sum(weights.values()), start);
  const served = { ...shares.served, [got.key]: start + got.needed / got.weight };
  const keys = new Set(waiting.map(one => one.key));
  // A key behind the clock that does not wait would join at the clock.
  return {
    clock,
    served: Object.fromEntries(Object.entries(served).filter(([key, end]) => end > clock || keys.has(key))),
  };
}

/** Virtual time of each key's next lease. */
function startsOf(waiting: readonly Waiting[], { served }: Shares): Map<string, number> {
  const starts = new Map<string, number>();
  for (const { key, from } of waiting) starts.set(key, Math.min(from, starts.get(key) ?? from));
  for (const [key, from] of starts) if (Object.hasOwn(served, key)) starts.set(key, Math.max(from, served[key]!));
  return starts;
}

const olderFirst = (a: Waiting, b: Waiting) => a.since - b.since || (a.id < b.id ? -1 : 1);
const least = (values: Iterable<number>) => [...values].reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);
