// What is wrong with a wish of the user's, looked at without compiling anything; null where nothing is.

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const wholeFrom = (least: number) => ({
  expected: `a whole number of at least ${least}`,
  fits: (value: unknown) => Number.isSafeInteger(value) && (value as number) >= least,
});

/** What each limit takes besides null, as in a sweep file. */
const LIMITS: Record<string, { expected: string; fits: (value: unknown) => boolean }> = {
  runCap: wholeFrom(1),
  maxHours: { expected: 'a number of hours above 0', fits: value => isNumber(value) && value > 0 },
  patience: wholeFrom(1),
  maxFailures: wholeFrom(0),
  target: { expected: 'a number', fits: isNumber },
};

/** `{runCap, maxHours, patience, maxFailures, target}`, each a number or null. */
export function budgetProblem(budget: unknown): string | null {
  if (typeof budget !== 'object' || budget === null || Array.isArray(budget) || Object.keys(budget).length === 0)
    return `expected some of ${Object.keys(LIMITS).join(', ')}`;
  for (const [key, value] of Object.entries(budget)) {
    if (!Object.hasOwn(LIMITS, key)) return `unknown limit "${key}"; known: ${Object.keys(LIMITS).join(', ')}`;
    if (value === null) continue;
    const { expected, fits } = LIMITS[key]!;
    if (!fits(value)) return `${key}: expected ${expected}, or null for no limit, got ${JSON.stringify(value)}`;
  }
  return null;
}

export function concurrencyProblem(concurrency: unknown): string | null {
  if (Number.isInteger(concurrency) && (concurrency as number) >= 1) return null;
  return `expected a whole number of at least 1, got ${JSON.stringify(concurrency)}`;
}

/** A sweep or a study: which trials it has begun, and which of them are open. */
interface Begun {
  memory: { open: readonly { trial: number }[]; begun: number };
}

/** Whether there is a trial of this number that can be stopped. */
export function trialProblem(sweep: Begun | null, trial: unknown): string | null {
  if (!Number.isInteger(trial)) return `expected the number of a trial, got ${JSON.stringify(trial)}`;
  if (!sweep) return `there is no trial ${trial} yet`;
  const { memory } = sweep;
  if (memory.open.some(each => each.trial === trial)) return null;
  if ((trial as number) >= 1 && (trial as number) <= memory.begun) return `trial ${trial} has ended already`;
  return `there is no trial ${trial}: ${memory.begun} were begun`;
}

export function mapProblem(value: unknown): string | null {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
  return isMap ? null : `expected a map of parameters, got ${JSON.stringify(value)}`;
}
