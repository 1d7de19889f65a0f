const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** A curve in one line of text, a character a value: the lowest is `▁`, the highest `█`; what is no finite number is a space. */
export function sparkline(values: readonly number[]): string {
  const finite = values.filter(Number.isFinite);
  const low = Math.min(...finite);
  const range = Math.max(...finite) - low;
  return values
    .map(value => {
      if (!Number.isFinite(value)) return ' ';
      return BARS[range > 0 ? Math.round(((value - low) / range) * (BARS.length - 1)) : 0];
    })
    .join('');
}

/** At most `most` values that stand for all of them, in their order: each the mean of an equal stretch. */
export function stretches(values: readonly number[], most: number): number[] {
  const count = Math.min(most, values.length);
  return Array.from({ length: count }, (_, i) => {
    const part = values.slice(Math.floor((i * values.length) / count), Math.floor(((i + 1) * values.length) / count));
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}
