/**
 * At most about `most` of many points: of each of even stretches the lowest and the highest, in their order, so that no peak is lost. The first and
 * the last point stay. `drawn` is what is drawn.
 */
export function thinOut<T>(points: readonly T[], most: number, drawn: (point: T) => number): T[] {
  if (points.length <= most) return [...points];
  const buckets = Math.max(1, Math.floor((most - 2) / 2));
  const inner = points.length - 2;
  const kept: T[] = [points[0]!];
  for (let bucket = 0; bucket < buckets; bucket++) {
    const start = 1 + Math.floor((bucket * inner) / buckets);
    const end = 1 + Math.floor(((bucket + 1) * inner) / buckets);
    let [low, high] = [start, start];
    for (let i = start; i < end; i++) {
      if (drawn(points[i]!) < drawn(points[low]!)) low = i;
      if (drawn(points[i]!) > drawn(points[high]!)) high = i;
    }
    if (end > start) kept.push(...[...new Set([Math.min(low, high), Math.max(low, high)])].map(i => points[i]!));
  }
  return [...kept, points.at(-1)!];
}
