// What is wrong with a wish of the user's, looked at without compiling anything; null where nothing is.
import type { Sweep } from './sweep.ts';

const LIMITS = ['runCap', 'maxHours', 'patience', 'maxFailures', 'target'];

/** `{runCap, maxHours, patience, maxFailures, target}`, each a number or null. */
export function budgetProblem(budget: unknown): string | null {
  if (typeof budget !== 'object' || budget === null || Array.isArray(budget) || Object.keys(budget).length === 0)
    return `expected some of ${LIMITS.join(', ')}`;
  for (const [key, value] of Object.entries(budget)) {
    if (!LIMITS.includes(key)) return `unknown limit "${key}"; known: ${LIMITS.join(', ')}`;
    if (value === null || (key === 'target' && Number.isFinite(value))) continue;
    const whole = key !== 'maxHours';
    if (typeof value !== 'number' || value <= 0 || !Number.isFinite(value) || (whole && !Number.isInteger(value)))
      return `${key}: expected ${whole ? 'a whole number of at least 1' : 'a number of hours'}, or null for no limit, got ${JSON.stringify(value)}`;
  }
  return null;
}

export function concurrencyProblem(concurrency: unknown): string | null {
  if (Number.isInteger(concurrency) && (concurrency as number) >= 1) return null;
  return `expected a whole number of at least 1, got ${JSON.stringify(concurrency)}`;
}

/** Whether there is a trial of this number that can be stopped. */
export function trialProblem({ memory }: Sweep, trial: unknown): string | null {
  if (!Number.isInteger(trial)) return `expected the number of a trial, got ${JSON.stringify(trial)}`;
  if (memory.open.some(each => each.trial === trial)) return null;
  if ((trial as number) >= 1 && (trial as number) <= memory.begun) return `trial ${trial} has ended already`;
  return `there is no trial ${trial}: ${memory.begun} were begun`;
}

export function mapProblem(value: unknown): string | null {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
  return isMap ? null : `expected a map of parameters, got ${JSON.stringify(value)}`;
}
