import type { z } from 'zod';
import { isObject } from '../../plan/dotted.ts';
import { statOf } from '../../plan/feedback/bounds.ts';
import type { OpEvidence, Pool } from '../../plan/feedback/verdict.ts';
import { listed } from '../../plan/suggest.ts';
import { catalogue } from '../catalogue.ts';
import { JobFailure } from '../runtime/failure.ts';
import type { boundFeedbackSchema } from './feedback-config.ts';
import { poolRange } from './pool-range.ts';

type Config = z.infer<typeof boundFeedbackSchema>;
type OpConfig = Config['ops'][string];

/** What a bound config says was tried, an op each; reads the pools whose range is to be found. */
export async function evidenceOf({ ops, baseline }: Config, signal: AbortSignal): Promise<OpEvidence[]> {
  const evidence: OpEvidence[] = [];
  for (const [op, given] of Object.entries(ops)) {
    const stat = statOf(catalogue(), op, given.stat ?? undefined);
    const [ownBaseline, at] =
      given.baseline === undefined ? [baseline, 'baseline'] : [given.baseline, `ops.${op}.baseline`];
    evidence.push({
      op,
      stat,
      pools: await poolsOf(op, stat, given, signal),
      baseline: numbersOf(ownBaseline, at),
      ...(given.min_arg != null && { minArg: given.min_arg }),
      ...(given.max_arg != null && { maxArg: given.max_arg }),
    });
  }
  return evidence;
}

async function poolsOf(op: string, stat: string, { pools }: OpConfig, signal: AbortSignal): Promise<Pool[]> {
  const found: (Pool & { isRead: boolean })[] = [];
  for (const [name, { min = null, max = null, range_of, results }] of Object.entries(pools)) {
    const range =
      range_of == null ? { min, max } : await poolRange(pathOf(range_of, `ops.${op}.pools.${name}`), stat, signal);
    found.push({
      name,
      ...range,
      results: numbersOf(results, `ops.${op}.pools.${name}.results`),
      isRead: range_of != null,
    });
  }
  return found.map(({ isRead, ...pool }) => (isRead && found.length > 1 ? openOutside(pool, found) : pool));
}

/** The lowest pool is open below and the highest above: what lies beyond the data that was split was not judged. */
function openOutside(pool: Pool, all: readonly Pool[]): Pool {
  const isLowest = all.every(each => each.min === null || pool.min! <= each.min);
  const isHighest = all.every(each => each.max === null || pool.max! >= each.max);
  return isLowest && isHighest ? pool : { ...pool, ...(isLowest && { min: null }), ...(isHighest && { max: null }) };
}

function pathOf(value: unknown, at: string): string {
  if (typeof value === 'string') return value;
  throw new JobFailure(
    `extra_configs.${at}.range_of names ${shown(value)}; expected the path of one pool (of a list: <context key>.0)`,
  );
}

/** Results as numbers; null (JSON's NaN) is a run that failed. Anything else is the wrong context key. */
function numbersOf(value: unknown, at: string): (number | null)[] {
  if (Array.isArray(value)) return value.flatMap((each, i) => numbersOf(each, `${at}[${i}]`));
  if (value === null || typeof value === 'number') return [value];
  const keys = isObject(value) ? `; add one of its keys: ${listed(Object.keys(value))}` : '';
  throw new JobFailure(`extra_configs.${at} is ${shown(value)}; expected a number${keys}`);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
