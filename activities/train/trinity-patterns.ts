import { literal } from '../runtime/log-patterns.ts';
import type { LogPattern } from '../runtime/program-spec.ts';

/** Metric → key of the record. */
export type TrinityMetrics = Readonly<Record<string, string>>;

/** What Trinity-RFT's trainer always logs, whatever the algorithm; a key that a record lacks is left out. */
const ALWAYS: TrinityMetrics = {
  loss: 'actor/pg_loss',
  lr: 'actor/lr',
  kl_loss: 'actor/kl_loss',
  grad_norm: 'actor/grad_norm',
  reward: 'critic/rewards/mean',
  score: 'critic/score/mean',
  response_length: 'response_length/mean',
  throughput: 'perf/throughput',
  seconds_per_step: 'timing_s/step',
};
const TAKEN = new Set(['step', 'total', 'epoch', 'eta', 'speed', 'seconds_per_step']);

// (Trainer pid=3839503) INFO 05-08 11:11:13 [monitor.py:96] Step 12: {…}; older ones without the first bracket. The explorer counts steps of its own.
const LINE = '^\\(Trainer pid=[0-9]+[^)]*\\) INFO .*monitor\\.py:[0-9]+\\] Step (?<step>[0-9]+): \\{';
const ANY_STEP = LINE.replace('(?<step>[0-9]+)', '[0-9]+');

/** What is read of its log. */
export function trinityPatterns(more: TrinityMetrics): LogPattern[] {
  const keys = Object.entries({ ...ALWAYS, ...more });
  // NumPy's numbers may be shown as np.float64(0.5).
  const patterns = keys.map(
    ([name, key]) => `${ANY_STEP}.*'${literal(key)}': (?:np\\.[a-z]+[0-9]+\\()?(?<${name}>[^,)}]+)`,
  );
  return [LINE, ...patterns].map(pattern => ({ kind: 'metrics', pattern }));
}

/** Names that mean something else. */
export function checkTrinityMetrics(metrics: TrinityMetrics): { at: string; message: string }[] {
  return Object.keys(metrics)
    .filter(name => TAKEN.has(name))
    .map(name => ({ at: `extra_configs.metrics.${name}`, message: `${name} is read by itself; choose another name` }));
}
