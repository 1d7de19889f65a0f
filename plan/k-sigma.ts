import { isObject } from './dotted.ts';
import { namedStat } from './named-stat.ts';
import { findArg, findOp, type Op, type OpCatalogue } from './op-catalogue.ts';
import type { OverallStats } from './overall-csv.ts';
import type { Json, JsonObject } from './plan.ts';
import { fitBound, holdsNumbers, sideOf } from './range-argument.ts';

/** An argument that k-sigma moved. */
export interface Refinement {
  op: string;
  /** Position of the op in `process`, from 0. */
  index: number;
  arg: string;
  from: Json;
  to: Json;
  /** The stats key that it follows. */
  stat: string;
  mean: number;
  std: number;
  k: number;
  /** Set where a whole number is wanted: a minimum goes down, a maximum up, so that no sample is lost by rounding. */
  rounded?: 'down' | 'up';
}

export interface Refined {
  recipe: JsonObject;
  changes: Refinement[];
  notes: string[];
}

interface Bound {
  stat: string;
  mean: number;
  std: number;
  value: number;
}

/**
 * Refines a recipe by k-sigma: an op's argument that is given in the recipe becomes mean − k·std of the op's stats key where its name
 * contains `min`, mean + k·std where it contains `max`. Of several stats keys the last one with a value wins; an op that bounds a stat of another's by name (`field_key: __dj__stats__.<key>`) follows that. NaN leaves an argument alone;
 * so does zero deviation (all samples are alike: minimum and maximum would both be the mean, and rounding could drop every sample). The
 * recipe that comes out runs: whole-number arguments are rounded outward, and values are kept within what the op takes.
 *
 * Throws a RangeError where k is not above 0.
 */
export function refineRecipe(
  recipe: JsonObject,
  stats: OverallStats,
  options: { k?: number; catalogue: OpCatalogue },
): Refined {
  const { k = 3, catalogue } = options;
  if (!(Number.isFinite(k) && k > 0)) throw new RangeError(`k is ${k}; it must be a number above 0`);
  const refined = structuredClone(recipe);
  const changes: Refinement[] = [];
  const notes: string[] = [];
  const process = Array.isArray(refined.process) ? refined.process : [];
  for (const [index, item] of process.entries()) {
    const [name = ''] = isObject(item) ? Object.keys(item) : [];
    const op = findOp(catalogue, name);
    const args = isObject(item) ? item[name] : null;
    if (!op || !isObject(args)) continue;
    const own = statsOf(op, args);
    const keys = own.filter(key => stats.keys.includes(key));
    if (own.length > 0 && keys.length === 0) {
      notes.push(`${name} is left as it is: it was not probed (no ${own.join(', ')})`);
    }
    for (const [arg, from] of Object.entries(args)) {
      const side = sideOf(arg);
      const known = findArg(op, arg);
      if (side === null || keys.length === 0 || (known && !holdsNumbers(known, from))) continue;
      const where = `${name}.${arg}`;
      const bound = boundOf(keys, stats, side * k, why =>
        notes.push(`${where} is left at ${JSON.stringify(from)}: ${why}`),
      );
      if (!bound) continue;
      const { stat, mean, std, value } = bound;
      const fitted = fitBound(value, side, known);
      if (fitted === null) {
        notes.push(`${where} is left at ${JSON.stringify(from)}: the op does not take ${value}`);
        continue;
      }
      args[arg] = fitted.value;
      changes.push({ op: name, index, arg, from, to: fitted.value, stat, mean, std, k, ...fitted.how });
    }
  }
  return { recipe: refined, changes, notes };
}

/** Stats keys that an op bounds: those that it writes, or the one that its `field_key` names. */
function statsOf(op: Op, args: JsonObject): string[] {
  const named = op.stats.length === 0 ? namedStat(args) : null;
  return named === null ? op.stats : [named];
}

function boundOf(
  keys: readonly string[],
  stats: OverallStats,
  signedK: number,
  tell: (why: string) => void,
): Bound | null {
  const reasons: string[] = [];
  for (const stat of [...keys].reverse()) {
    const mean = stats.at('mean', stat);
    const std = stats.at('std', stat);
    if (!Number.isFinite(mean) || !Number.isFinite(std)) reasons.push(`${stat} has no mean or deviation`);
    else if (std === 0) reasons.push(`${stat} is ${mean} in every sample, so that its deviation is 0`);
    else return { stat, mean, std, value: mean + signedK * std };
  }
  tell(reasons.join('; '));
  return null;
}
