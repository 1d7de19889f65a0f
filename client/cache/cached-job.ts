/** What is kept of a job: `done` is published; `held` saved its state and waits; `partial` ended half-way; `damaged` is not what was published. */
export type CachedState = 'done' | 'running' | 'held' | 'partial' | 'damaged';

/** One folder of `<work_dir>/jobs`. */
export interface CachedJob {
  key: string;
  dir: string;
  state: CachedState;
  /** Null where neither manifest nor plan names it. */
  component: string | null;
  job: string | null;
  /** The trial that made it, or that runs it. */
  trial: string | null;
  /** Milliseconds since the epoch: published, or last written to. */
  madeAt: number;
  /** Milliseconds since the epoch: made, or last linked to by a trial. */
  usedAt: number;
  bytes: number;
  /** Trials whose folder links to it. */
  links: string[];
  /** Trials whose plan names it. */
  plans: string[];
  /** What is damaged, or who runs it. */
  note: string | null;
}
