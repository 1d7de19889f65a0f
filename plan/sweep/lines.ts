// The continuous distributions that those of a sweep file are made of. Runs inside workflow code.
import jstat from 'jstat';

const { normal, beta } = jstat.jStat;

/** A continuous distribution: its bounds, the inverse of its cumulative distribution function, and that function. */
export interface Line {
  low: number;
  high: number;
  quantile: (u: number) => number;
  cdf: (x: number) => number;
}

/** How near to 0 and 1 the tails are followed: about seven standard deviations of a normal distribution. */
const EDGE = 1e-12;
const inside = (u: number) => Math.min(1 - EDGE, Math.max(EDGE, u));

export function uniform(min: number, max: number): Line {
  return { low: min, high: max, quantile: u => min + u * (max - min), cdf: x => (x - min) / (max - min) };
}

/** Uniform in the logarithm. */
export function logUniform(min: number, max: number): Line {
  const [from, to] = [Math.log(min), Math.log(max)];
  return {
    low: min,
    high: max,
    quantile: u => Math.exp(from + u * (to - from)),
    cdf: x => (Math.log(x) - from) / (to - from),
  };
}

export function gaussian(mu: number, sigma: number): Line {
  return {
    low: Number.NEGATIVE_INFINITY,
    high: Number.POSITIVE_INFINITY,
    quantile: u => normal.inv(inside(u), mu, sigma),
    cdf: x => normal.cdf(x, mu, sigma),
  };
}

/** Its logarithm is normal. */
export function logGaussian(mu: number, sigma: number): Line {
  const { quantile, cdf } = gaussian(mu, sigma);
  return {
    low: 0,
    high: Number.POSITIVE_INFINITY,
    quantile: u => Math.exp(quantile(u)),
    cdf: x => (x <= 0 ? 0 : cdf(Math.log(x))),
  };
}

export function betaLine(a: number, b: number): Line {
  return {
    low: 0,
    high: 1,
    quantile: u => (u <= 0 ? 0 : u >= 1 ? 1 : beta.inv(inside(u), a, b)),
    cdf: x => (x <= 0 ? 0 : x >= 1 ? 1 : beta.cdf(x, a, b)),
  };
}
