import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { upsertSearchAttributes } from '@temporalio/workflow';
import { clip } from '../plan/clip.ts';
import type { SkeletonJob, SweepOpened, SweepState } from '../plan/protocol.ts';
import type { Trial } from './trial-state.ts';

const keyword = (name: string) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);
const PROJECT = keyword('SandboxProject');
const EXPERIMENT = keyword('SandboxExperiment');
const STAGE = keyword('SandboxStage');
const JOB = keyword('SandboxJob');
const STATE = keyword('SandboxState');
const TRIAL = defineSearchAttributeKey('SandboxTrial', SearchAttributeType.INT);
const STEP = defineSearchAttributeKey('SandboxStep', SearchAttributeType.INT);
const OBJECTIVE = defineSearchAttributeKey('SandboxObjective', SearchAttributeType.DOUBLE);

/** The server refuses values over 2 KB (some of its databases 255 characters), and with them every further step of the workflow. */
const VALUE_CHARS = 200;

/** What came of a trial. */
export interface Outcome {
  steps: number | null;
  /** The metric that its sweep judges it by, or the result that its first target is about. */
  objective: number | null;
}

/**
 * Makes a trial findable by where it stands and by what came of it: `SandboxState = 'waiting' AND SandboxProject = 'x'`,
 * `SandboxObjective > 0.8`. One history event a call.
 */
export function publishAttributes(trial: Trial, job: SkeletonJob | null, end?: Outcome): void {
  const { skeleton } = trial;
  upsertSearchAttributes([
    // Before there is a plan, what the client said of the trial stands.
    ...(skeleton
      ? [
          { key: PROJECT, value: clip(skeleton.project, VALUE_CHARS) },
          { key: EXPERIMENT, value: clip(skeleton.experiment, VALUE_CHARS) },
        ]
      : []),
    { key: STATE, value: trial.state },
    ...(trial.number === null ? [] : [{ key: TRIAL, value: trial.number }]),
    ...(end?.steps ? [{ key: STEP, value: end.steps }] : []),
    ...(end && Number.isFinite(end.objective) ? [{ key: OBJECTIVE, value: end.objective! }] : []),
    ...(job
      ? [
          { key: STAGE, value: job.stage },
          { key: JOB, value: clip(job.metaName, VALUE_CHARS) },
        ]
      : []),
  ]);
}

type Named = Pick<SweepOpened, 'project' | 'experiment'>;

/** As for trials: `SandboxState = 'running' AND WorkflowType = 'sandboxSweep'`. */
export function publishSweepAttributes({ project, experiment }: Named, state: SweepState): void {
  upsertSearchAttributes([
    { key: PROJECT, value: clip(project, VALUE_CHARS) },
    { key: EXPERIMENT, value: clip(experiment, VALUE_CHARS) },
    { key: STATE, value: state },
  ]);
}
