import type { Manifest } from '../../plan/manifest.ts';
import type { PlanJob } from '../../plan/plan.ts';

/** A job that has a manifest. */
export interface DoneJob {
  job: PlanJob;
  manifest: Manifest;
  dir: string;
  reused: boolean;
}
