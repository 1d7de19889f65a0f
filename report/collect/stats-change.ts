import type { DoneJob } from './done-job.ts';

const MEAN = '.mean';

/** Means of the same stats before and after, as two analyses measured them. */
export interface DataChange {
  /** meta_names of the two analyses. */
  before: string;
  after: string | null;
  samples: { before: number | null; after: number | null };
  stats: { stat: string; before: number | null; after: number | null }[];
}

/** The first analysis of a trial against the last one that measured any of the same stats; null where nothing was analysed. */
export function dataChange(done: DoneJob[]): DataChange | null {
  const analyses = done.filter(({ manifest }) => Object.keys(manifest.metrics).some(name => name.endsWith(MEAN)));
  const first = analyses[0];
  if (!first) return null;
  const names = Object.keys(first.manifest.metrics).filter(name => name.endsWith(MEAN));
  const last = analyses.slice(1).findLast(({ manifest }) => names.some(name => name in manifest.metrics));
  return {
    before: first.job.metaName,
    after: last?.job.metaName ?? null,
    samples: { before: samplesOf(first), after: last ? samplesOf(last) : null },
    stats: names.map(name => ({
      stat: name.slice(0, -MEAN.length),
      before: first.manifest.metrics[name] ?? null,
      after: last?.manifest.metrics[name] ?? null,
    })),
  };
}

function samplesOf({ manifest }: DoneJob): number | null {
  return manifest.metrics.samples ?? null;
}
