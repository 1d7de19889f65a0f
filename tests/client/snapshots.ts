// Trials at moments worth looking at, as the CLI sees them.
import type { RunningActivity, Snapshot } from '../../client/snapshot.ts';
import type { JobState, JobStatus, TrialProgress } from '../../plan/protocol.ts';

export const START = Date.UTC(2025, 5, 11, 14, 0, 0);

export function job(
  n: number,
  activity: string,
  title: string,
  state: JobState,
  extra: Partial<JobStatus> = {},
): JobStatus {
  const started = state === 'pending' ? null : START + n * 10_000;
  return {
    id: `anonymous.${n}-${title}`,
    stage: 'execution',
    title,
    activity,
    tag: 'cpu',
    key: `${n}`.repeat(64),
    state,
    parts: null,
    startedAt: started,
    finishedAt: state === 'done' ? START + n * 10_000 + 8_400 : null,
    host: null,
    metrics: {},
    error: null,
    held: null,
    ...extra,
  };
}

export function progress(jobs: JobStatus[], extra: Partial<TrialProgress> = {}): TrialProgress {
  return {
    state: 'running',
    project: 'text-to-video',
    experiment: 'demo',
    workDir: '/data/outputs/demo',
    trialDir: '/data/outputs/demo/trials/demo-1',
    set: {},
    plan: null,
    iteration: 1,
    maxIterNum: 1,
    jobs,
    waitingFor: null,
    notes: [],
    ...extra,
  };
}

export function snapshot(progress: TrialProgress | null, extra: Partial<Snapshot> = {}): Snapshot {
  return {
    id: 'demo-0611-140000-3f',
    runId: '01975f2e',
    ui: 'http://127.0.0.1:8233/namespaces/default/workflows/demo-0611-140000-3f',
    status: 'RUNNING',
    startedAt: START,
    closedAt: null,
    progress,
    activities: [],
    result: null,
    failure: null,
    waitingFor: null,
    trouble: null,
    now: START + 62_000,
    ...extra,
  };
}

export const TRAINING: RunningActivity = {
  type: 'train.easyanimate',
  attempt: 2,
  started: true,
  progress: {
    job: 'anonymous.4-train_lora',
    phase: 'training',
    step: 12,
    total: 60,
    unit: 'step',
    loss: 0.81234,
    lr: 2e-5,
    speed: 3.21,
    eta: 41,
    checkpoint: 'checkpoint-10',
  },
  lastFailure: null,
};

/** The demo's trial while it trains. */
export function whileTraining(): Snapshot {
  const jobs = [
    job(1, 'probe.analyzer', 'analysis_ori_data', 'done'),
    job(2, 'refine.k-sigma', 'analysis_ori_data', 'reused'),
    job(3, 'process.data-juicer', 'process_data_with_refined_recipe', 'done'),
    job(4, 'train.easyanimate', 'train_lora', 'running', { host: 'worker-7', tag: 'gpu' }),
    job(5, 'infer.easyanimate', 'infer_lora', 'pending'),
    job(6, 'evaluate.vbench', 'vbench_lora', 'pending', {
      parts: [
        { name: 'temporal_flickering', state: 'pending' },
        { name: 'motion_smoothness', state: 'pending' },
      ],
    }),
  ];
  return snapshot(progress(jobs), { activities: [TRAINING] });
}
