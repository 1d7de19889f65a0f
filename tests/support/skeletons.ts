import type { HoldAnswer, JobDone, JobRef, SkeletonJob, TrialSkeleton } from '../../plan/protocol.ts';

/** A job as the workflow knows it. */
export function job(id: string, more: Partial<SkeletonJob> = {}): SkeletonJob {
  return {
    id,
    pipeline: 'p',
    stage: 'execution',
    hook: 'TrainModelHook',
    metaName: id.slice(id.indexOf('-') + 1),
    activity: 'test.job',
    title: id,
    key: `key-${id}`,
    tag: 'cpu',
    claims: false,
    parts: null,
    onFailure: 'fail',
    ...more,
  };
}

export function skeleton(jobs: SkeletonJob[], more: Partial<TrialSkeleton> = {}): TrialSkeleton {
  return {
    project: 'project',
    experiment: 'experiment',
    workDir: '/w',
    trialDir: '/w/trials/t',
    plan: { path: '/w/trials/t/plan-1.json', sha256: 'x' },
    iteration: 1,
    maxIterNum: 1,
    jobs,
    notes: [],
    ...more,
  };
}

export function done(ref: JobRef, more: Partial<JobDone> = {}): JobDone {
  return {
    job: ref.job,
    key: `key-${ref.job}`,
    reused: false,
    seconds: 1,
    results: {},
    metrics: {},
    notes: [],
    ...more,
  };
}

/** The answer of a host whose program has no checkpoints. */
export const cannotSave = async (): Promise<HoldAnswer> => ({
  asked: false,
  message: 'its program saves no checkpoints',
});
