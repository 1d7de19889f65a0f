import type { JobRecord } from '../collect/trial-record.ts';
import type { ReportHead } from './report.ts';

/** A trial as its report tells it. */
export interface TrialModel extends ReportHead {
  kind: 'trial';
  project: string;
  experiment: string;
  iterations: number;
  jobs: JobRecord[];
}
