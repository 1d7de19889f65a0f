import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { upsertSearchAttributes } from '@temporalio/workflow';
import type { SkeletonJob } from '../plan/protocol.ts';
import type { Trial } from './trial-state.ts';

const keyword = (name: string) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);
const PROJECT = keyword('SandboxProject');
const EXPERIMENT = keyword('SandboxExperiment');
const STAGE = keyword('SandboxStage');
const JOB = keyword('SandboxJob');
const STATE = keyword('SandboxState');

/** Makes a trial findable by where it stands: `SandboxState = 'waiting' AND SandboxProject = 'x'`. One history event a call. */
export function publishAttributes(trial: Trial, job: SkeletonJob | null): void {
  upsertSearchAttributes([
    { key: PROJECT, value: trial.skeleton?.project ?? '' },
    { key: EXPERIMENT, value: trial.skeleton?.experiment ?? '' },
    { key: STATE, value: trial.state },
    ...(job
      ? [
          { key: STAGE, value: job.stage },
          { key: JOB, value: job.metaName },
        ]
      : []),
  ]);
}
