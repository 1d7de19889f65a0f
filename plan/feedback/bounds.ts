import { findArg, findOp, type OpCatalogue } from '../op-catalogue.ts';
import { holdsNumbers, type Side, sideOf } from '../range-argument.ts';
import { listed } from '../suggest.ts';

const SIDES = { '-1': 'min', '1': 'max' } as const;

/**
 * The argument by which an op bounds a stat on one side: the only one that it has there, or the one whose name has words of the stat (`image_width`:
 * `min_width`). Null where it has none. Throws an Error where it cannot be told which.
 */
export function boundArgument(catalogue: OpCatalogue, opName: string, stat: string, side: Side): string | null {
  const op = findOp(catalogue, opName);
  const all = Object.entries(op?.args ?? {})
    .filter(([name, arg]) => sideOf(name) === side && holdsNumbers(arg, null))
    .map(([name]) => name);
  if (all.length < 2) return all[0] ?? null;
  const words = stat.split('_');
  const fitting = all.filter(name => name.split('_').some(word => words.includes(word)));
  if (fitting.length === 1) return fitting[0]!;
  const key = `${SIDES[side]}_arg`;
  throw new Error(
    `${opName} has several arguments for that (${all.join(', ')}); say in ${key} which of them bounds ${stat}`,
  );
}

/** The stats key that an op's pools are cut by: the given one, else the only one. Throws an Error where that is none of the op's. */
export function statOf(catalogue: OpCatalogue, opName: string, given: string | undefined): string {
  const stats = findOp(catalogue, opName)?.stats ?? [];
  if (given === undefined) {
    if (stats.length === 1) return stats[0]!;
    throw new Error(
      stats.length === 0
        ? `${opName} has no stats of its own that are known; say in stat which one its pools were cut by`
        : `${opName} has several stats (${listed(stats)}); say in stat which one its pools were cut by`,
    );
  }
  if (stats.length === 0 || stats.includes(given)) return given;
  throw new Error(`${opName} has no stat "${given}"; it has ${listed(stats)}`);
}

/** Throws an Error where the op has no argument of that name that takes a number. */
export function checkArgument(catalogue: OpCatalogue, opName: string, arg: string): void {
  const op = findOp(catalogue, opName);
  const known = op && findArg(op, arg);
  if (!op || (known && holdsNumbers(known, null))) return;
  const bounds = Object.keys(op.args).filter(name => sideOf(name) !== null && holdsNumbers(op.args[name]!, null));
  throw new Error(`${opName} has no argument "${arg}" that bounds a stat; it has ${listed(bounds) || 'none'}`);
}
