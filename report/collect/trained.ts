import type { JobRecord } from './trial-record.ts';

/** The keys of jobs of a trial into whose results a training of it went. */
export function trainedKeys(jobs: readonly Pick<JobRecord, 'job' | 'key' | 'manifest'>[]): Set<string> {
  const byKey = new Map(jobs.flatMap(each => (each.key === null ? [] : [[each.key, each] as const])));
  const known = new Map<string, boolean>();
  const isTrained = (key: string): boolean => {
    const before = known.get(key);
    if (before !== undefined) return before;
    known.set(key, false);
    const producers = byKey.get(key)?.manifest?.producers ?? [];
    const trained = producers.some(each => byKey.get(each)?.job.hook === 'TrainModelHook' || isTrained(each));
    known.set(key, trained);
    return trained;
  };
  return new Set([...byKey.keys()].filter(isTrained));
}
