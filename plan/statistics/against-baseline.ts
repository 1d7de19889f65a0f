import { holm } from './holm.ts';
import { type Sample, sampleOf } from './sample.ts';
import { welch } from './welch.ts';

/** Results of one thing that was tried, a seed each. What is no finite number is a run that failed. */
export interface Tried {
  results: readonly (number | null)[];
  /** Of the baseline that it is compared with. */
  baseline: readonly (number | null)[];
}

export interface Demands {
  goal: 'maximize' | 'minimize';
  /** The mean must be better than the baseline's by at least this. */
  minEffect: number;
  /** 1 − α of the family of all that was tried, such as 0.95. */
  confidence: number;
  /** Compares what has failed runs by those that did not fail. */
  allowFailed: boolean;
}

/** How something compares with its baseline. */
export interface Standing {
  own: Sample;
  baseline: Sample;
  failed: number;
  /** Better by this much, whichever way is better; NaN where there is no result. */
  effect: number;
  /** By Welch's test one-sided, corrected by Holm over all that could be tested; null where nothing can be said. */
  p: number | null;
  helps: boolean;
  /** What decided, in words. */
  why: string;
}

/**
 * Says of each thing tried whether it is better than its baseline: by at least `minEffect`, and with a p-value of at most 1 − confidence. One with
 * failed runs is not (the mean of those that survived is no fair one), unless they are allowed.
 */
export function againstBaseline(tried: readonly Tried[], demands: Demands): Standing[] {
  const sign = demands.goal === 'maximize' ? 1 : -1;
  const samples = tried.map(each => ({
    own: sampleOfRuns(each.results, sign),
    baseline: sampleOfRuns(each.baseline, sign),
  }));
  const silent = tried.map((each, i) => whySilent(each, samples[i]!, demands));
  const tests = samples.map(({ own, baseline }, i) => (silent[i] === null ? welch(own, baseline) : null));
  const tested = [...tests.keys()].filter(i => tests[i] !== null);
  const adjusted = holm(tested.map(i => tests[i]!.p));
  return samples.map(({ own, baseline }, i) => {
    const at = tested.indexOf(i);
    const p = at < 0 ? null : adjusted[at]!;
    const effect = own.mean - baseline.mean;
    const helps = p !== null && effect >= demands.minEffect && effect > 0 && p <= 1 - demands.confidence;
    const why = silent[i] ?? whyDecided(effect, p!, tested.length, demands);
    const asGiven = (sample: Sample): Sample => ({ ...sample, mean: sign * sample.mean });
    return {
      own: asGiven(own),
      baseline: asGiven(baseline),
      failed: failedRuns(tried[i]!.results),
      effect,
      p,
      helps,
      why,
    };
  });
}

/** Whether the one is better than the other with that confidence. */
export function isBetter(one: Standing, other: Standing, { goal, confidence }: Demands): boolean {
  const [a, b] = goal === 'maximize' ? [one.own, other.own] : [other.own, one.own];
  const test = welch(a, b);
  return test !== null && test.p <= 1 - confidence;
}

/** `0.62 ± 0.01 of 5`: mean, standard deviation and number of results. */
export function sampleWords({ n, mean, variance }: Sample): string {
  if (n === 0) return 'no result';
  return n === 1 ? `${short(mean)} of 1` : `${short(mean)} ± ${short(Math.sqrt(variance))} of ${n}`;
}

/** A number with four digits, which are as many as a reason needs. */
export function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function sampleOfRuns(results: readonly (number | null)[], sign: number): Sample {
  return sampleOf(results.filter(isResult).map(value => sign * value));
}

function isResult(value: number | null): value is number {
  return value !== null && Number.isFinite(value);
}

function failedRuns(results: readonly (number | null)[]): number {
  return results.filter(value => !isResult(value)).length;
}

function whySilent(
  { results }: Tried,
  { own, baseline }: { own: Sample; baseline: Sample },
  { allowFailed }: Demands,
): string | null {
  const failed = failedRuns(results);
  if (own.n === 0) return results.length === 0 ? 'it has no results' : `all ${failed} of its runs failed`;
  if (failed > 0 && !allowFailed)
    return `${failed} of its ${results.length} runs failed, and the mean of the others is no fair one`;
  if (baseline.n === 0) return 'the baseline has no result';
  if (baseline.n === 1) return 'the baseline has a result of one seed alone, from which nothing can be said';
  if (own.n === 1) return 'it has a result of one seed alone, from which nothing can be said';
  if (welch(own, baseline) === null)
    return 'neither its results nor those of the baseline differ between seeds, so that nothing can be said of noise (are the seeds different?)';
  return null;
}

function whyDecided(effect: number, p: number, tests: number, { minEffect, confidence }: Demands): string {
  const how = `p ${short(p)}${tests > 1 ? ` after Holm over ${tests}` : ''}`;
  if (!(effect > 0)) return `it is not better than the baseline (effect ${short(effect)})`;
  if (effect < minEffect) return `its effect ${short(effect)} is below the minimum ${short(minEffect)}`;
  const alpha = short(1 - confidence);
  return p <= 1 - confidence
    ? `effect ${short(effect)}, ${how}`
    : `its effect ${short(effect)} may be noise (${how}, above ${alpha})`;
}
