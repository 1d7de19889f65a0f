import type { ComponentRegistry } from '../../plan/component.ts';
import type { ProgramEnd, ProgramSpec } from './program-spec.ts';
import type { Progress } from './progress.ts';

/** What a job's surroundings offer it: the activity's heartbeats and cancellation, the supervisor, the lock of the job's directory. */
export interface RunServices {
  registry: ComponentRegistry;
  signal: AbortSignal;
  progress: (progress: Omit<Progress, 'job'>) => void;
  program: (spec: ProgramSpec, at: { dir: string; epoch: number; devices: string[] }) => Promise<ProgramEnd>;
  /** Runs while no other run of this job directory does, on any worker of this file system. */
  alone: <T>(dir: string, work: () => Promise<T>) => Promise<T>;
  /** Throws a `ClaimLost` where the job's claimed devices are another's by now. */
  holdClaim: (dir: string, gpus: number) => Promise<void>;
  /** Says where the run is, so that a failure can quote its log. */
  at: (place: { dir: string; log: string | null }) => void;
}
