import { computed } from '../figure.ts';
import { type Html, html } from '../html.ts';
import type { SweepCost } from '../model/sweep-cost.ts';
import { counted } from './words.ts';

/** What of a sweep or study had been run before, by whom, and how long that had taken. */
export function reuseWords(reused: SweepCost['reused'], kind: 'sweep' | 'study'): Html {
  if (!reused) return html`<strong>Reuse</strong>: no job's result was there before.`;
  const { jobs, ofSweep, seconds, gpu } = reused;
  const where =
    ofSweep === jobs
      ? `by another trial of this ${kind}`
      : ofSweep === 0
        ? `before this ${kind}`
        : `before, ${ofSweep} of them by another trial of this ${kind}`;
  return html`<strong>Reuse</strong>: ${counted(jobs, 'job')} had been run ${where}. They had taken ${computed(seconds.value, seconds.of, { format: 'duration' })}${
    gpu.value > 0 &&
    html` (${computed(gpu.value / 3600, gpu.of, { how: 'seconds of those jobs times their GPUs' })} GPU hours)`
  }, measured: the time of the runs that published those results, counted once for each trial that found them.`;
}
