// A winning pool as limits of a recipe.
import { isObject } from '../dotted.ts';
import { findOp, type Op, type OpArg, type OpCatalogue } from '../op-catalogue.ts';
import type { Json, JsonObject } from '../plan.ts';
import type { PartFound } from './types.ts';

/** An argument that a pool set. */
export interface Limit {
  op: string;
  /** Position of the op in `process`, from 0. */
  index: number;
  arg: string;
  /** Undefined: the recipe did not give it. */
  from: Json | undefined;
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
    const { index, args } = argsOf(limited, part.op);
    const op = findOp(catalogue, part.op);
    if (!op || !args) {
      notes.push(`${part.op}: the recipe has no such op any more`);
      continue;
    }
    for (const side of SIDES[part.end]) {
      const arg = limitArg(op, side, part.stat);
      if (arg === null) {
        notes.push(
          `${part.op} has no argument for the ${side === 'min' ? 'least' : 'largest'} ${part.stat}: it is left out`,
        );
        continue;
      }
      const { value, rounded } = asArgument(side === 'min' ? part.from : part.to, side, op.args[arg]!);
      limits.push({
        ...{ op: part.op, index, arg, from: args[arg], to: value, stat: part.stat, end: part.end },
        ...(rounded && { rounded }),
      });
      args[arg] = value;
    }
  }
  return { recipe: limited, limits, notes };
}

const SIDES: Record<PartFound['end'], ('min' | 'max')[]> = { low: ['max'], middle: ['min', 'max'], high: ['min'] };

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

/**
 * The argument that limits a stat on one side. Of several (`min_width`, `min_height`) it is the one whose word is in the stat's name; one
 * that has a counterpart on the other side goes before one that has none (`max_size` of a motion score is no limit). Null: there is none.
 */
export function limitArg({ args }: Pick<Op, 'args'>, side: 'min' | 'max', stat: string): string | null {
  const words = numbered(args, side);
  const others = numbered(args, side === 'min' ? 'max' : 'min');
  const pairs = words.filter(word => others.includes(word));
  const named = (pairs.length > 0 ? pairs : words).filter(word => stat.split('_').includes(word));
  // Alone on its side it needs no name, unless the other side has one that does not fit it.
  const alone = pairs.length > 0 ? pairs : others.length > 0 ? [] : words;
  const [word] = alone.length === 1 ? alone : named.length === 1 ? named : [];
  return word === undefined ? null : `${side}_${word}`;
}

/** What follows `min_` or `max_` in the names of the arguments that hold a number. */
function numbered(args: Op['args'], side: 'min' | 'max'): string[] {
  const names = Object.keys(args).filter(arg => arg.startsWith(`${side}_`) && holdsNumber(args[arg]!));
  return names.map(arg => arg.slice(4));
}

function holdsNumber({ types, format }: OpArg): boolean {
  return types.some(type => type === 'int' || type === 'float') || (types.includes('str') && format !== undefined);
}

function asArgument(value: number, side: 'min' | 'max', arg: OpArg): { value: Json; rounded?: 'down' | 'up' } {
  if (arg.format === 'fraction') return { value: String(value) };
  const isWhole = arg.format === 'bytes' || (arg.types.includes('int') && !arg.types.includes('float'));
  const whole = side === 'min' ? Math.floor(value) : Math.ceil(value);
  if (!isWhole || whole === value) return { value: arg.format === 'bytes' ? String(value) : value };
  return { value: arg.format === 'bytes' ? String(whole) : whole, rounded: side === 'min' ? 'down' : 'up' };
}
