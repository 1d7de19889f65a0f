const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const FRACTION = /^([+-]?\d+)\/(\d+)$/;

/** A ratio as a number or in words of Python's Fraction: `"1/3"`, `"0.25"`, `"25e-2"`; null for anything else. */
export function ratioOf(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string') return null;
  const text = value.trim();
  const fraction = FRACTION.exec(text);
  if (fraction) return fraction[2] === '0' ? null : Number(fraction[1]) / Number(fraction[2]);
  return DECIMAL.test(text) ? Number(text) : null;
}

/** What is wrong with split ratios, or null: each in (0, 1), each larger than the one before. */
export function ratiosProblem(values: readonly unknown[]): string | null {
  const ratios = values.map(ratioOf);
  for (const [i, ratio] of ratios.entries()) {
    if (ratio === null)
      return `${JSON.stringify(values[i])} is no ratio: write a number or a fraction, such as 0.5 or "1/3"`;
    if (ratio <= 0 || ratio >= 1)
      return `${JSON.stringify(values[i])} is out of range: a split ratio is above 0 and below 1`;
    if (i > 0 && ratio <= ratios[i - 1]!)
      return `${JSON.stringify(values[i])} is not above ${JSON.stringify(values[i - 1])}: split ratios must grow`;
  }
  return null;
}
