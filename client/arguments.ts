import type { Json } from '../plan/plan.ts';
import { parseSource } from '../plan/source.ts';
import { CommandFailure } from './failure.ts';

/**
 * The value of an option that must be given. Commander's own check would come before that of unknown options, and hide a typo in its name.
 * @throws CommandFailure when it is not given.
 */
export function required(option: string, value: string | undefined): string {
  if (value === undefined) throw new CommandFailure(`${option} is missing (see --help)`);
  return value;
}

/**
 * A whole number of at least `least` given to an option.
 * @throws CommandFailure when it is none.
 */
export function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least || text.trim() === '')
    throw new CommandFailure(`${option} ${text}: expected a whole number of at least ${least}`);
  return value;
}

/**
 * `path=value` arguments (of `option`) as a map; values are read as YAML: `3`, `true`, `null`, `text`, `[1, 2]`.
 * @throws CommandFailure when one has no `=`, names a path twice or cannot be read.
 */
export function settings(pairs: string[], option = '--set '): Record<string, Json> {
  const set: Record<string, Json> = {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1)
      throw new CommandFailure(`${option}${pair}: expected path=value, such as text_length_filter.min_len=20`);
    const path = pair.slice(0, at).trim();
    if (Object.hasOwn(set, path)) throw new CommandFailure(`${option}${path} is given twice`);
    Object.defineProperty(set, path, { value: settingValue(`${option}${path}`, pair.slice(at + 1)), enumerable: true });
  }
  return set;
}

/** Reads it as a config would. */
function settingValue(what: string, text: string): Json {
  const { value, diagnostics } = parseSource('--set', `value: ${text}`);
  if (diagnostics.length > 0) throw new CommandFailure(`${what}=${text}: ${diagnostics[0]!.message}`);
  if (value === null || Object.keys(value).length !== 1)
    throw new CommandFailure(`${what}=${text}: expected one value; put it in quotes`);
  return value.value ?? null;
}

/**
 * A trial's id, checked: it becomes part of paths and of web addresses.
 * @throws CommandFailure when it has other characters or is too long.
 */
export function trialId(id: string): string {
  if (/^[A-Za-z0-9][\w.-]{0,127}$/.test(id)) return id;
  throw new CommandFailure(
    `--id ${id}: expected a letter or digit, then letters, digits, dots, dashes and underscores, 128 at most`,
  );
}

/** An id for a trial of `experiment`: its name and the time, such as `demo-0611-142530-3f`. */
export function newTrialId(experiment: string, now = new Date(), random = Math.random()): string {
  const name = experiment
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+|-+$/g, '')
    .slice(0, 60);
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${two(now.getMonth() + 1)}${two(now.getDate())}`;
  const time = `${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
  const tail = Math.floor(random * 256)
    .toString(16)
    .padStart(2, '0');
  return `${name || 'trial'}-${day}-${time}-${tail}`;
}
