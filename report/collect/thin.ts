/** A point of a curve, and what else is known of it, such as its line in a file; null: NaN or infinite, where the line breaks. */
export type Drawn = readonly [step: number, value: number | null, ...rest: unknown[]];

/**
 * At most `most` of a curve's points, in order, none moved: the first, the last, and of each of equal stretches of points the lowest and the
 * highest, so that no spike is lost. A break stays where a stretch has one. Fewer points than `most` are all kept.
 */
export function thin<P extends Drawn>(points: readonly P[], most: number): P[] {
  if (points.length <= most) return [...points];
  // First and last, and up to three of each stretch: a break, the lowest, the highest.
  const breaks = points.some(([, value]) => value === null);
  const stretches = Math.max(1, Math.floor((most - 2) / (breaks ? 3 : 2)));
  const inner = points.length - 2;
  const kept = new Set([0, points.length - 1]);
  for (let i = 0; i < stretches; i += 1) {
    const from = 1 + Math.floor((i * inner) / stretches);
    const to = 1 + Math.floor(((i + 1) * inner) / stretches);
    for (const at of landmarks(points, from, to)) kept.add(at);
  }
  return [...kept].sort((a, b) => a - b).map(at => points[at]!);
}

/** Indexes of the lowest and the highest value from `from` up to `to`, and of the first break. */
function landmarks(points: readonly Drawn[], from: number, to: number): number[] {
  let [lowest, highest, gap] = [-1, -1, -1];
  for (let at = from; at < to; at += 1) {
    const value = points[at]![1];
    if (value === null) {
      if (gap < 0) gap = at;
      continue;
    }
    if (lowest < 0 || value < points[lowest]![1]!) lowest = at;
    if (highest < 0 || value > points[highest]![1]!) highest = at;
  }
  return [lowest, highest, gap].filter(at => at >= 0);
}
