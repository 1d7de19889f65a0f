/**
 * P-values as large as they must be where the best of several is looked for (Holm 1979): taking those up to α, one true null hypothesis or more
 * is rejected with a probability of at most α, however the tests depend on each other. In the order given.
 */
export function holm(ps: readonly number[]): number[] {
  const order = [...ps.keys()].sort((a, b) => ps[a]! - ps[b]!);
  const adjusted = [...ps];
  let least = 0;
  for (const [rank, i] of order.entries()) {
    least = Math.max(least, Math.min(1, (ps.length - rank) * ps[i]!));
    adjusted[i] = least;
  }
  return adjusted;
}
