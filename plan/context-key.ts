import type { ComponentSpec } from './component.ts';
import type { ResultRef } from './plan.ts';
import { didYouMean } from './suggest.ts';

/** A job as context keys see it. */
export interface Named {
  id: string;
  pipeline: string;
  metaName: string;
  outputs: string[];
  /** Null where the job is in error, so that its results are not known. */
  spec: ComponentSpec | null;
}

export type Found<T extends Named> = { ref: ResultRef; job: T; index: number; warning?: string } | { error: string };

/** Names of a job's results: those given, then `res_<i>`. */
export function outputNames(given: readonly string[], count: number): string[] {
  return Array.from({ length: Math.max(given.length, count) }, (_, i) => given[i] ?? `res_${i}`);
}

/**
 * Finds the result that a context key names: `<pipeline>.<meta_name>.<output>[.nested]`, or `-1.<output>[.nested]` for the newest job with
 * results. Names may hold dots; the longest names that fit win. Of several jobs with one name the first is meant, as in the original.
 */
export function findResult<T extends Named>(
  key: string,
  earlier: readonly T[],
  later: readonly Named[] = [],
): Found<T> {
  if (key === '-1') return { error: 'name the result: -1.<output>' };
  if (key.startsWith('-1.')) return findNewest(key.slice(3), earlier);
  const [best] = candidates(key, earlier);
  if (!best) return { error: whyNone(key, earlier, later) };
  const same = earlier.filter(job => job.pipeline === best.pipeline && job.metaName === best.metaName);
  const rest = key.slice(best.pipeline.length + best.metaName.length + 2);
  for (const job of same) {
    const found = outputOf(job, rest);
    if (!found) continue;
    const warning =
      same.length > 1
        ? `${same.length} jobs are called ${best.pipeline}.${best.metaName}; ${job.id} is meant (give them names of their own)`
        : undefined;
    return { ...found, job, ...(warning && { warning }) };
  }
  return {
    error: `${best.id} has no result "${rest}"; ${didYouMean(rest, new Set(same.flatMap(job => job.outputs)))}`,
  };
}

function findNewest<T extends Named>(rest: string, earlier: readonly T[]): Found<T> {
  const newest = earlier.findLast(job => job.outputs.length > 0 || job.spec === null);
  if (!newest)
    return {
      error: 'no job before this one has results; name one as <pipeline>.<meta_name>.<output>, or move this job',
    };
  const found = outputOf(newest, rest);
  if (found) return { ...found, job: newest };
  const others = earlier.filter(job => outputOf(job, rest)).map(job => `${job.pipeline}.${job.metaName}.${rest}`);
  const meant = others.length > 0 ? `did you mean "${others.at(-1)}"?` : didYouMean(rest, newest.outputs);
  return { error: `the job before, ${newest.id}, has no result "${rest}"; ${meant}` };
}

/** Jobs whose `<pipeline>.<meta_name>` begins the key, longest names first. */
function candidates<T extends Named>(key: string, jobs: readonly T[]): T[] {
  const fits = jobs.filter(job => key.startsWith(`${job.pipeline}.${job.metaName}.`));
  return fits.sort((a, b) => b.pipeline.length - a.pipeline.length || b.metaName.length - a.metaName.length);
}

function outputOf(job: Named, rest: string): { ref: ResultRef; index: number } | null {
  if (rest === '') return null;
  const names = job.outputs
    .filter(name => rest === name || rest.startsWith(`${name}.`))
    .sort((a, b) => b.length - a.length);
  const numbered = /^(?:res_)?(\d+)(?:\.|$)/.exec(rest);
  const [output] = names.length > 0 ? names : [numbered && job.outputs[Number(numbered[1])]];
  if (output) {
    const word = names.length > 0 ? output : numbered![0]!.replace(/\.$/, '');
    const nested = rest === word ? [] : rest.slice(word.length + 1).split('.');
    return { ref: { job: job.id, output, nested }, index: job.outputs.indexOf(output) };
  }
  if (job.spec !== null) return null;
  const [first = '', ...nested] = rest.split('.');
  return { ref: { job: job.id, output: first, nested }, index: 0 };
}

function whyNone(key: string, earlier: readonly Named[], later: readonly Named[]): string {
  const [runsLater] = candidates(key, later);
  if (runsLater) return `${runsLater.id} runs later; a job takes results of jobs before it`;
  const known = earlier.flatMap(job => job.outputs.map(output => `${job.pipeline}.${job.metaName}.${output}`));
  if (known.length === 0) return `names no result: no job runs before this one`;
  const whole = known.findLast(each => each.endsWith(`.${key}`));
  return `names no result; ${whole === undefined ? didYouMean(key, known) : `did you mean "${whole}"?`}`;
}
