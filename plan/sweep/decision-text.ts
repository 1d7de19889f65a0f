import { duration, figure } from '../figures.ts';
import { pointText } from './point-text.ts';
import type { Decision, Steer } from './types.ts';

/** What was decided, as a sentence without its time. */
export function decisionText(decision: Decision): string {
  switch (decision.kind) {
    case 'open': {
      const { sampler, space, seed, concurrency } = decision.spec;
      return `opened: ${sampler} over ${space.length} ${space.length === 1 ? 'parameter' : 'parameters'}, seed ${seed}, ${concurrency} at once`;
    }
    case 'steer':
      return `by hand: ${steerText(decision.steer)}`;
    case 'suggest':
      return `trial ${decision.trial}: ${pointText(decision.point)} (${decision.reason})`;
    case 'rung':
      return `trial ${decision.trial} reached step ${decision.step}: ${decision.value === null ? 'no finite value' : figure(decision.value)}`;
    case 'promote':
      return `trial ${decision.trial} goes on from rung ${decision.rung + 1}: ${decision.reason}`;
    case 'stop':
      return `trial ${decision.trial} is stopped: ${decision.reason}`;
    case 'end':
      return `trial ${decision.trial} ${endText(decision)}`;
    case 'close':
      return `ended, ${decision.state}: ${decision.reason}`;
    default:
      return `${(decision as { kind: string }).kind}: ${(decision as { reason?: string }).reason ?? ''}`;
  }
}

function endText({ status, objectives, why, steps, gpuSeconds, reused }: Extract<Decision, { kind: 'end' }>): string {
  const values = objectives.map(value => (value === null ? '–' : figure(value))).join(', ');
  const facts = [
    ...(steps === null ? [] : [`${steps} steps`]),
    ...(gpuSeconds > 0 ? [`${duration(gpuSeconds)} of GPU`] : []),
    ...(reused > 0 ? [`${reused} ${reused === 1 ? 'job' : 'jobs'} done before`] : []),
  ];
  const more = facts.length > 0 ? ` (${facts.join(', ')})` : '';
  return `${status}${status === 'done' ? `: ${values}` : ''}${more}${why === null ? '' : `: ${why}`}`;
}

function steerText(steer: Steer): string {
  switch (steer.kind) {
    case 'setBudget':
      return `budget ${Object.entries(steer.budget)
        .map(([limit, value]) => `${limit}=${value}`)
        .join(', ')}`;
    case 'setConcurrency':
      return `${steer.concurrency} at once`;
    case 'setSpace':
      return `another space: ${steer.space.map(({ name }) => name).join(', ')}`;
    case 'enqueueTrial':
      return `a point to be tried: ${pointText(steer.point)}`;
    case 'stopTrial':
      return `trial ${steer.trial} is to stop`;
    default:
      return steer.kind;
  }
}
