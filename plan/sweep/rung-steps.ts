/** A sweep hears at most so often from a trial, and W&B has so many bands. */
export const MAX_RUNGS = 100;

/** No training is longer. */
const MAX_STEP = 1e9;

/** 1, eta, eta², … as exact as repeated multiplication is, in any engine. */
export function powers(eta: number): number[] {
  const found = [1];
  while (found.length <= MAX_RUNGS) found.push(found.at(-1)! * eta);
  return found;
}

/** Steps floored, ascending, each once; those below 1 or beyond any training are left out, and those after the hundredth. */
export function wholeSteps(steps: readonly number[]): number[] {
  const whole = steps.map(Math.floor).filter(step => step >= 1 && step <= MAX_STEP);
  return [...new Set(whole)].sort((a, b) => a - b).slice(0, MAX_RUNGS);
}
