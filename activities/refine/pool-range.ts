import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { isObject } from '../../plan/dotted.ts';
import type { Json } from '../../plan/plan.ts';
import { listed } from '../../plan/suggest.ts';
import { JobFailure } from '../runtime/failure.ts';

const STATS = '__dj__stats__';

/**
 * The least and the largest value of a stat in a pool of JSON Lines, read line by line; a list counts as its mean, 0 if empty, as pools are cut.
 * @throws JobFailure where the file cannot be read, has no sample, or a sample has no such stat.
 */
export async function poolRange(
  path: string,
  stat: string,
  signal: AbortSignal,
): Promise<{ min: number; max: number }> {
  if (!path.endsWith('.jsonl')) throw new JobFailure(`range_of ${path}: expected a pool of JSON Lines (.jsonl)`);
  let [min, max, n] = [Infinity, -Infinity, 0];
  try {
    const lines = createInterface({ input: createReadStream(path, { signal }), crlfDelay: Infinity });
    for await (const line of lines) {
      n++;
      if (line.trim() === '') continue;
      const value = statIn(line, stat, `${path}, line ${n}`);
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
  } catch (error) {
    if (error instanceof JobFailure || signal.aborted) throw error;
    throw new JobFailure(`the pool ${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  if (min > max) throw new JobFailure(`the pool ${path} has no sample, so that it has no range`);
  return { min, max };
}

function statIn(line: string, stat: string, where: string): number {
  const stats = parsed(line, where)[STATS];
  const there = isObject(stats) ? Object.keys(stats) : [];
  const value = isObject(stats) && Object.hasOwn(stats, stat) ? stats[stat] : undefined;
  if (value === undefined || value === null) {
    const known =
      there.length > 0 ? `it has ${listed(there)}` : 'it has no stats: analyse the dataset before it is split';
    throw new JobFailure(`${where}: the sample has no stat ${stat}; ${known}`);
  }
  const values = Array.isArray(value) ? value : [value];
  const number =
    values.length === 0 ? 0 : values.reduce((sum: number, each) => sum + numberOf(each), 0) / values.length;
  if (Number.isFinite(number)) return number;
  throw new JobFailure(`${where}: ${stat} is ${JSON.stringify(value)}; expected a number`);
}

function parsed(line: string, where: string): Record<string, Json> {
  try {
    const sample: unknown = JSON.parse(line);
    if (isObject(sample)) return sample;
  } catch {
    // told below
  }
  throw new JobFailure(`${where}: this is no sample (a JSON object on one line)`);
}

function numberOf(value: Json): number {
  return typeof value === 'number' || typeof value === 'boolean' ? Number(value) : Number.NaN;
}
