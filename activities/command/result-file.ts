import type { Json } from '../../plan/plan.ts';
import { readEvaluation } from '../evaluate/evaluation-result.ts';
import { JobFailure } from '../runtime/failure.ts';

/** What a program wrote as its results: the whole, and its numbers by dotted name. */
export interface ResultFile {
  whole: Json;
  metrics: Record<string, number>;
}

/** Reads a file of results: a JSON map whose numbers are metrics, nested maps by dotted names. Throws JobFailure for anything else. */
export async function readResult(path: string): Promise<ResultFile> {
  const whole = (await readEvaluation(path)) as Json;
  if (typeof whole !== 'object' || whole === null || Array.isArray(whole))
    throw new JobFailure(
      `the result ${path} must be a JSON map of names to numbers, such as {"accuracy": 0.9}, got ${shown(whole)}`,
    );
  const metrics = Object.fromEntries(numbersIn(whole, ''));
  if (Object.keys(metrics).length === 0)
    throw new JobFailure(`the result ${path} has no number in it: got ${shown(whole)}`);
  return { whole, metrics };
}

/** The number that is the job's score: `primary`, else `score`, else the only one. Throws JobFailure that says which there are. */
export function scoreOf(path: string, metrics: Record<string, number>, primary: string | null | undefined): number {
  const names = Object.keys(metrics);
  const name = primary ?? (names.length === 1 ? names[0]! : 'score');
  const score = Object.hasOwn(metrics, name) ? metrics[name] : undefined;
  if (score !== undefined) return score;
  const advice = primary == null ? 'say in primary which of them is the score' : 'correct primary';
  throw new JobFailure(`the result ${path} has no number "${name}": ${advice}; there are ${names.join(', ')}`);
}

function numbersIn(value: Json, at: string): [string, number][] {
  if (typeof value === 'number') return [[at, value]];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, each]) => numbersIn(each, at === '' ? key : `${at}.${key}`));
}

function shown(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
