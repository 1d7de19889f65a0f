/** A value's own copy, through JSON: what is in memory is the same as what would be read from a file. */
export function jsonCopy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
