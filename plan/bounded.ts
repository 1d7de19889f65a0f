/** At most `most` entries of a map: those named in `first` before the others. */
export function bounded<T>(map: Record<string, T>, most: number, first: readonly string[] = []): Record<string, T> {
  const wanted = first.filter(name => Object.hasOwn(map, name));
  const names = new Set([...wanted, ...Object.keys(map)]);
  return Object.fromEntries([...names].slice(0, most).map(name => [name, map[name]!]));
}
