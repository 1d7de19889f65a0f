import { ApplicationFailure } from '@temporalio/common';
import { clip } from '../../plan/clip.ts';
import { jobsOf, type Plan } from '../../plan/plan.ts';
import { FAILURES } from '../../plan/protocol.ts';
import type { Space } from '../../plan/sweep/types.ts';
import { registry } from '../components.ts';

const MAX_DIAGNOSTICS = 50;
const DIAGNOSTIC_CHARS = 500;

/** The failure that tells what is wrong with a config, a line a problem; of many the first ones. */
export function configError(problems: string[]): ApplicationFailure {
  const shown = problems.slice(0, MAX_DIAGNOSTICS).map(problem => clip(problem, DIAGNOSTIC_CHARS));
  const more = problems.length > shown.length ? `\n… and ${problems.length - shown.length} more` : '';
  return ApplicationFailure.nonRetryable(`${shown.join('\n')}${more}`, FAILURES.config);
}

/** A sentence for each job of a plan that this version compiles and cannot run. */
export function notRunnable(plan: Plan): string[] {
  return jobsOf(plan).flatMap(job => {
    const why = registry.find(component => component.name === job.component)?.notRunnable;
    return why ? [`job ${job.id}: ${job.component} compiles but cannot run yet: ${why}`] : [];
  });
}

/** It travels in the workflow's history, and with each question to a sampler. */
const MAX_SPACE_CHARS = 48 * 1024;

/** Refuses a space that is too large to travel. */
export function checkSize(space: Space): void {
  const characters = JSON.stringify(space).length;
  if (characters <= MAX_SPACE_CHARS) return;
  throw configError([
    `the parameters take ${Math.ceil(characters / 1024)} KiB, a sweep can have ${MAX_SPACE_CHARS / 1024}: give a range instead of a list, or files by their names`,
  ]);
}
