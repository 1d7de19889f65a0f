/** What a sample tells of where its values come from. */
export interface Sample {
  n: number;
  /** NaN of an empty sample. */
  mean: number;
  /** With n − 1 below the line; NaN of fewer than two values. */
  variance: number;
}

/** Size, mean and unbiased variance of finite numbers. Equal values have a variance of exactly 0. */
export function sampleOf(values: readonly number[]): Sample {
  const n = values.length;
  const [first] = values;
  // Sums of differences: equal values have no deviation, which sums of the values themselves may round to one.
  const shift = first ?? 0;
  const mean = n === 0 ? Number.NaN : shift + values.reduce((sum, value) => sum + (value - shift), 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { n, mean, variance: n < 2 ? Number.NaN : squares / (n - 1) };
}
