import { computed } from '../../figure.ts';
import { type Html, html, named } from '../../html.ts';
import type { EarlySavings, Sum, SweepCost } from '../../model/sweep-cost.ts';
import { facts, type Section } from '../../section.ts';
import { reuseWords } from '../reuse-words.ts';
import { counted } from '../words.ts';

/** What a sweep cost, and what it was spared. */
export function costSection(cost: SweepCost): Section {
  const { wall, gpu, busy, jobs, reused, early, continued, lost } = cost;
  const content = html`${facts([
    [
      'From start to end',
      computed(wall.value, wall.of, { format: 'duration', how: 'from the first line of the ledger to the last' }),
    ],
    ['GPU hours', gpuHours(gpu, 'sum over trials that have ended, as the ledger has it')],
    [
      'Time of all jobs',
      computed(busy.value, busy.of, { format: 'duration', how: 'each job for itself, also those side by side' }),
    ],
    ['Jobs', `${jobs.ran} ran, ${jobs.reused} reused${jobs.open > 0 ? `, ${jobs.open} not done` : ''}`],
    [
      'Steps lost',
      lost.value === 0
        ? 'none'
        : computed(lost.value, lost.of, {
            format: 'count',
            how: 'steps beyond the checkpoint from which a program went on',
          }),
    ],
  ])}
<h3>What was saved</h3>
<ul class="plain">
<li>${reuseWords(reused, 'sweep')}</li>
<li>${earlyWords(early)}</li>
${continued && html`<li>${continuedWords(continued)}</li>`}
</ul>`;
  return { id: 'cost', title: 'Cost, and what was saved', html: content, charts: [] };
}

const gpuHours = (gpu: Sum, how: string): Html => computed(gpu.value / 3600, gpu.of, { how });

function earlyWords(early: EarlySavings | null): Html {
  if (!early)
    return html`<strong>Early ends</strong>: no trial was stopped early, or nothing tells how long it would have been.`;
  const { trials, full, steps, secondsPerStep, later, seconds } = early;
  const rest = later.map(
    ({ job, seconds, trials }, i) =>
      html`${i > 0 && ', '}${named(job, 60)} (${computed(seconds, [], { format: 'duration', how: 'mean over the trials that ran it' })} on average) of ${trials}`,
  );
  return html`<strong>Early ends</strong>: ${counted(trials, 'trial')} ended before step ${full}: ${computed(steps.value, steps.of, { format: 'count', how: `${full} less the steps of each` })} steps were not trained${
    seconds !== null && secondsPerStep !== null
      ? html`. At this sweep's ${computed(secondsPerStep, [], { how: 'time of its trainings, start-up included, by their steps' })} s a step${
          later.length > 0 ? html`, with the jobs that would have come after (${rest}),` : ''
        } that is some ${computed(seconds, [], { format: 'duration', how: 'steps times seconds a step, and the means of the later jobs' })}: an estimate, as they did not run`
      : html`; how long they would have taken is not known`
  }.`;
}

function continuedWords({ trials, steps, seconds }: NonNullable<SweepCost['continued']>): Html {
  return html`<strong>Checkpoints</strong>: ${counted(trials, 'trial')} went on from a rung instead of from the beginning: ${computed(steps.value, steps.of, { format: 'count', how: 'step of the rung of each promotion' })} steps were not trained twice${
    seconds !== null &&
    html` (some ${computed(seconds, [], { format: 'duration', how: 'times the mean seconds a step' })})`
  }.`;
}
