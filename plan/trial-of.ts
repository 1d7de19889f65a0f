// How trials of a sweep or study are called: their workflow ids, which are also names of folders and of results that were found done.

/** The id of the `trial`th trial of a sweep or study. */
export function trialIdOf(parent: string, trial: number): string {
  return `${parent}.trial-${trial}`;
}

/** The id of the sweep or study whose trial an id is by its spelling; null where it is of none. */
export function parentIdOf(id: string): string | null {
  return /^(.+)\.trial-\d+$/.exec(id)?.[1] ?? null;
}
