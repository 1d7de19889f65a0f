import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

export const UNITS = 81;
export const CONFIGURATIONS = 100;

/** Configurations in the order in which they are tried, and all that can be seen of them. */
export interface World {
  /** `seen[i][t - 1]`: what configuration i tells after t units: the mean of its last ⌈t / 10⌉ noisy losses, as a trial does. */
  seen: number[][];
  /** Loss at the end without the noise. */
  final: number[];
  /** Time that a unit takes, around 1: trials come to rungs in no order. */
  pace: number[];
}

/**
 * Learning curves `a + b·(t + 1)^-c`: where they end and how fast they get there are drawn apart, so that they cross, and a fast start is a
 * hint and no proof. `noise` is the standard deviation of what is added to each unit's loss; the losses at the end lie between 0.3 and 1.9.
 */
export function world(seed: number, noise: number): World {
  const generator = xoroshiro128plus(seed);
  const uniform = (low: number, high: number) => low + (high - low) * uniformFloat64(generator);
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform(0, 1))) * Math.cos(2 * Math.PI * uniform(0, 1));
  const made: World = { seen: [], final: [], pace: [] };
  for (let i = 0; i < CONFIGURATIONS; i++) {
    const [a, b, c] = [uniform(0.3, 1.3), uniform(1.5, 3), Math.exp(uniform(Math.log(0.4), Math.log(1.2)))];
    const loss = (t: number) => a + b * (t + 1) ** -c;
    const told = Array.from({ length: UNITS }, (_, t) => loss(t + 1) + noise * normal());
    made.seen.push(told.map((_, t) => mean(told.slice(t + 1 - Math.ceil((t + 1) / 10), t + 1))));
    made.final.push(loss(UNITS));
    made.pace.push(uniform(0.8, 1.25));
  }
  return made;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
