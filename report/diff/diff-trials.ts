import type { Json } from '../../plan/plan.ts';
import { type JobFacts, SECTIONS, type Section } from './trial-facts.ts';

/** One thing in which two trials differ; undefined: the trial has it not. */
export interface Difference {
  section: Section;
  name: string;
  a: Json | undefined;
  b: Json | undefined;
}

/** A job of either trial. */
export interface JobDifference {
  job: string;
  component: string;
  /** `same`: one result, made once; `alike`: the same config, data and results under two keys. */
  verdict: 'same' | 'alike' | 'differs' | 'only-a' | 'only-b';
  /** Job keys. */
  keys: { a: string | null; b: string | null };
  done: { a: boolean; b: boolean };
  differences: Difference[];
}

/** Compares two trials job by job, by the jobs' ids, in the first one's order. */
export function diffTrials(a: readonly JobFacts[], b: readonly JobFacts[]): JobDifference[] {
  const others = new Map(b.map(facts => [facts.job, facts]));
  const ids = new Set(a.map(({ job }) => job));
  return [
    ...a.map(one => diffJobs(one, others.get(one.job))),
    ...b.filter(({ job }) => !ids.has(job)).map(one => diffJobs(undefined, one)),
  ];
}

function diffJobs(a: JobFacts | undefined, b: JobFacts | undefined): JobDifference {
  const { job, component } = (a ?? b)!;
  const known = {
    job,
    component,
    keys: { a: a?.key ?? null, b: b?.key ?? null },
    done: { a: a?.done ?? false, b: b?.done ?? false },
  };
  if (!a || !b) return { ...known, verdict: a ? 'only-a' : 'only-b', differences: [] };
  if (a.key !== null && a.key === b.key) return { ...known, verdict: 'same', differences: [] };
  const differences = SECTIONS.flatMap(section => diffFacts(section, a.facts[section], b.facts[section]));
  return { ...known, verdict: differences.length === 0 ? 'alike' : 'differs', differences };
}

/** What is not the same in two maps. */
export function diffFacts(section: Section, a: ReadonlyMap<string, Json>, b: ReadonlyMap<string, Json>): Difference[] {
  return [...new Set([...a.keys(), ...b.keys()])].flatMap(name => {
    const [one, other] = [a.get(name), b.get(name)];
    return JSON.stringify(one) === JSON.stringify(other) ? [] : [{ section, name, a: one, b: other }];
  });
}
