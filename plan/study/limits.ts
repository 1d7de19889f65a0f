// A winning pool as limits of a recipe.
import { isObject } from '../dotted.ts';
import { boundArgument } from '../feedback/bounds.ts';
import { findArg, findOp, type OpCatalogue } from '../op-catalogue.ts';
import type { Json, JsonObject } from '../plan.ts';
import { fitBound, type Side } from '../range-argument.ts';
import type { PartFound } from './types.ts';

/** An argument that a pool set. */
export interface Limit {
  op: string;
  /** Position of the op in `process`, from 0. */
  index: number;
  arg: string;
  /** Null: the recipe did not give it. */
  from: Json;
  to: Json;
  stat: string;
  end: PartFound['end'];
  rounded?: 'down' | 'up';
}

export interface Limited {
  recipe: JsonObject;
  limits: Limit[];
  notes: string[];
}

/**
 * Sets a recipe's limits so that they keep what is in all of the pools: of a low pool the maximum, of a high one the minimum, of a middle one
 * both. Samples that are equal to a limit are kept, also those that the split put into the next pool. Whole-number arguments are rounded outward.
 */
export function limitRecipe(recipe: JsonObject, parts: readonly PartFound[], catalogue: OpCatalogue): Limited {
  const limited = structuredClone(recipe);
  const [limits, notes]: [Limit[], string[]] = [[], []];
  for (const part of parts) {
    const { op, stat, end } = part;
    const { index, args } = argsOf(limited, op);
    if (!args) {
      notes.push(`${op}: the recipe has no such op any more`);
      continue;
    }
    for (const side of SIDES[end]) {
      const found = boundOf(part, side, catalogue);
      if (typeof found === 'string') {
        notes.push(`${side < 0 ? 'least' : 'largest'} ${stat} is left out: ${found}`);
        continue;
      }
      const { arg, value, how } = found;
      limits.push({ op, index, arg, from: args[arg] ?? null, to: value, stat, end, ...how });
      args[arg] = value;
    }
  }
  return { recipe: limited, limits, notes };
}

const SIDES: Record<PartFound['end'], Side[]> = { low: [1], middle: [-1, 1], high: [-1] };

/** The argument for a pool's bound with its value, or why there is none. */
function boundOf({ op: name, stat, from, to }: PartFound, side: Side, catalogue: OpCatalogue) {
  try {
    const arg = boundArgument(catalogue, name, stat, side);
    if (arg === null) return `${name} has no argument for it`;
    const value = side < 0 ? from : to;
    const op = findOp(catalogue, name);
    const fitted = fitBound(value, side, op && findArg(op, arg));
    return fitted ? { arg, ...fitted } : `${name} does not take ${value} as ${arg}`;
  } catch (error) {
    return (error as Error).message;
  }
}

/** The arguments of the first use of an op; they are put there where it has none. */
function argsOf(recipe: JsonObject, op: string): { index: number; args: JsonObject | null } {
  const process = Array.isArray(recipe.process) ? recipe.process : [];
  const index = process.findIndex(item => isObject(item) && Object.hasOwn(item, op));
  const item = process[index];
  if (!isObject(item)) return { index, args: null };
  item[op] ??= {};
  const args = item[op];
  return { index, args: isObject(args) ? args : null };
}
