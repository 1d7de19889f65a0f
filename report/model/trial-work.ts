/** What a trial of a sweep or study did, as the files of its jobs tell. */
export interface TrialWork {
  jobs: JobWork[];
  /** What could not be read, in sentences. */
  lacking: string[];
}

/** The last moment that the files of trials tell of, at least `from`. */
export function lastTold(works: readonly TrialWork[], from: number): number {
  const times = works.flatMap(({ jobs }) =>
    jobs.flatMap(({ finishedAt, segments }) => [
      finishedAt ?? from,
      ...segments.map(segment => segment.to ?? segment.from),
    ]),
  );
  return times.reduce((a, b) => Math.max(a, b), from);
}

/** A job of a trial's plan. */
export interface JobWork {
  id: string;
  metaName: string;
  component: string;
  key: string | null;
  /** `reused`: another trial had run it before. `open`: it has not ended. */
  state: 'ran' | 'reused' | 'open';
  /** Who ran it; null: not done. */
  by: string | null;
  /** Milliseconds since the epoch, of the run that published it; null: not done. */
  startedAt: number | null;
  finishedAt: number | null;
  /** Of that run. */
  seconds: number | null;
  host: string | null;
  /** That it holds, or held: none of a job that needs none. */
  devices: string[];
  /** How many GPUs its plan asks for. */
  gpus: number;
  metrics: Record<string, number>;
  /** Stretches of its program, in order; empty where it has no program of its own. */
  segments: WorkSegment[];
}

/** A program from its start to its end; see python/supervisor. */
export interface WorkSegment {
  /** Relative to the work_dir: segments.json, and which of its entries. */
  file: string;
  index: number;
  /** Milliseconds since the epoch; `to` is null while it runs and where its supervisor died. */
  from: number;
  to: number | null;
  /** Step that it went on from, and the furthest that it came to. */
  step: number;
  furthest: number | null;
  /** Why it ended; see ExitRecord. */
  why: string | null;
}
