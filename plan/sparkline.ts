const BARS = [...'▁▂▃▄▅▆▇█'];
/** Where the values were no finite numbers. */
const NO_NUMBER = '×';

/** A curve of at most `width` columns: means of as many equal parts of the values, the lowest the lowest bar. `×`: no finite number there. */
export function sparkline(values: readonly number[], width: number): string {
  const means = stretches(values, width);
  const finite = means.filter(Number.isFinite);
  const low = Math.min(...finite);
  // Halved, as the range of the largest numbers is infinite.
  const range = Math.max(...finite) / 2 - low / 2;
  return means
    .map(mean => {
      if (!Number.isFinite(mean)) return NO_NUMBER;
      const share = range > 0 ? (mean / 2 - low / 2) / range : 0.5;
      return BARS[Math.min(BARS.length - 1, Math.floor(share * BARS.length))];
    })
    .join('');
}

/** At most `most` values that stand for all, in their order: each the mean of an equal part of them. */
export function stretches(values: readonly number[], most: number): number[] {
  const parts = Math.max(0, Math.min(most, values.length));
  return Array.from({ length: parts }, (_, part) => {
    const from = Math.floor((part * values.length) / parts);
    const to = Math.floor(((part + 1) * values.length) / parts);
    return meanOf(values.slice(from, to));
  });
}

/** Of the finite ones; NaN where one is not, so that the place is seen. */
function meanOf(values: readonly number[]): number {
  if (!values.every(Number.isFinite)) return Number.NaN;
  return values.reduce((sum, value) => sum + value / values.length, 0);
}
