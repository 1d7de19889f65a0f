import type { ComponentSpec } from '../plan/component.ts';
import type { Manifest } from '../plan/manifest.ts';
import type { Json, PlanJob } from '../plan/plan.ts';
import type { Environment, EnvironmentChoice } from './runtime/environments/environment.ts';
import type { EnvironmentName } from './runtime/paths.ts';
import type { ProgramEnd, ProgramSpec } from './runtime/program-spec.ts';
import type { Progress } from './runtime/progress.ts';

/** Everything that a component needs to run one job (or one part of it), handed in by the shared implementation. */
export interface JobRun {
  job: PlanJob;
  /** The config as it runs: inputs and path edges bound, all paths absolute, outputs inside `out`. */
  config: PlanJob['config'];
  /** Where the config's outputs are while the job runs: `jobs/<key>/epoch-<n>/out`. */
  out: string;
  /** Scratch folder of this run (logs, metrics): `jobs/<key>/epoch-<n>`; for a part `jobs/<key>/parts/<part>/epoch-<n>`. */
  dir: string;
  /** Manifest and absolute path of each declared need, by its name. */
  needs: Record<string, { path: string; manifest: Manifest }>;
  /** Results of finished parts, by part, for the run that gathers them. */
  parts: Record<string, Json>;
  /** UUIDs (or indices) of the leased devices; empty without a GPU. */
  devices: string[];
  /** Aborted when the job is cancelled or the worker shuts down. */
  signal: AbortSignal;
  /** The log that a failure quotes the last lines of. */
  log: string;
  /** Reports progress: heartbeats, throttled. */
  progress: (progress: Omit<Progress, 'job'>) => void;
  /** The Python environment that a config chooses; where it chooses none, our locked one of that name, or what the worker's PATH has. */
  environment: (choice: EnvironmentChoice, locked?: EnvironmentName) => Promise<Environment>;
  /** Runs a program under the supervisor and follows its log; resolves when it ended with exit code 0, else throws JobFailure. */
  program: (spec: ProgramSpec) => Promise<ProgramEnd>;
}

/** What a finished run hands back to be published. Paths are absolute and inside `out`. */
export interface JobResult {
  /** In the hook's order. `paths` may also be those of other jobs, or of the user. */
  results: ({ path: string } | { paths: string[] } | { value: Json })[];
  metrics?: Record<string, number>;
  /** Name → absolute path, for jobs that `need` it. */
  provides?: Record<string, string>;
  versions?: Record<string, string>;
  notes?: string[];
}

export interface Component extends ComponentSpec {
  run: (run: JobRun) => Promise<JobResult>;
  /** Runs one part; what it returns reaches `run` as `parts[part]`. */
  runPart?: (run: JobRun, part: string) => Promise<Json>;
}

/** Declares a component. Adding one is one file that calls this, and a line in `activities/components.ts`. */
export function defineComponent(component: Component): Component {
  return component;
}
