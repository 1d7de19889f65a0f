/** One host more gathers devices for a claim of several each time that it has waited so long, in seconds: the first may be full for days. */
const HOME_EVERY_S = 900;
const MOST_HOMES = 16;

/**
 * Queues of the hosts that gather devices for a claim of several which now asks the host of `queue`, having waited so many seconds: devices that
 * all hosts kept for it would stand idle on all but one.
 */
export function homesOf(homes: readonly string[], waited: number, queue: string): string[] {
  const most = Math.min(MOST_HOMES, 1 + Math.floor(waited / HOME_EVERY_S));
  return homes.includes(queue) || homes.length >= most ? [...homes] : [...homes, queue];
}
