import { computed } from '../../figure.ts';
import { html } from '../../html.ts';
import type { StudyCost } from '../../model/study-cost.ts';
import { facts, type Section } from '../../section.ts';
import { reuseWords } from '../reuse-words.ts';

/** What a study cost, and what was there before. */
export function studyCostSection({ wall, busy, gpu, jobs, reused }: StudyCost): Section {
  const content = html`${facts([
    ['From start to end', wall && computed(wall.value, wall.of, { format: 'duration' })],
    ['GPU hours', computed(gpu.value / 3600, gpu.of, { how: 'time of each job that ran, by the GPUs that it held' })],
    [
      'Time of all jobs',
      computed(busy.value, busy.of, { format: 'duration', how: 'each job for itself, also those side by side' }),
    ],
    ['Jobs', `${jobs.ran} ran, ${jobs.reused} reused${jobs.open > 0 ? `, ${jobs.open} not done` : ''}`],
  ])}
<p>${reuseWords(reused, 'study')}</p>`;
  return { id: 'cost', title: 'Cost, and what was reused', html: content, charts: [] };
}
