import { FORBIDDEN_KEYS, isObject } from './dotted.ts';
import { findArg, findOp, type Op, type OpArg, type OpCatalogue } from './op-catalogue.ts';
import type { Json, JsonObject, OpOverride } from './plan.ts';
import { didYouMean } from './suggest.ts';

/** A problem of a recipe; `at` is dotted, relative to the recipe. */
export interface RecipeProblem {
  at: string;
  /** The key is at fault, not its value. */
  key?: boolean;
  message: string;
}

/**
 * Checks a Data-Juicer recipe against the catalogue: keys, ops, arguments, and types where they are clear.
 * `extraKeys` are top-level keys that the component adds. Ops of the user's own (`custom_operator_paths`) are not judged.
 */
export function checkRecipe(
  recipe: JsonObject,
  catalogue: OpCatalogue,
  extraKeys: readonly string[] = [],
): RecipeProblem[] {
  const keys = new Set([...catalogue.recipeKeys, ...extraKeys]);
  const problems: RecipeProblem[] = Object.keys(recipe)
    .filter(key => !keys.has(key))
    .map(key => ({ at: key, key: true, message: `unknown recipe key; ${didYouMean(key, keys)}` }));
  const custom = recipe.custom_operator_paths;
  const own = custom !== undefined && custom !== null && !(Array.isArray(custom) && custom.length === 0);
  const { process } = recipe;
  if (process === undefined || process === null) return problems;
  if (!Array.isArray(process)) {
    return [...problems, { at: 'process', message: 'expected a list of ops, each `- op_name: {arguments}`' }];
  }
  for (const [i, item] of process.entries()) problems.push(...checkItem(item, `process.${i}`, catalogue, own));
  return problems;
}

function checkItem(item: Json, at: string, catalogue: OpCatalogue, own: boolean): RecipeProblem[] {
  const names = isObject(item) ? Object.keys(item) : [];
  const [name] = names;
  if (!isObject(item) || name === undefined || names.length !== 1) {
    return [{ at, message: 'expected one op, written `- op_name: {arguments}`' }];
  }
  const inside = `${at}.${name}`;
  const op = findOp(catalogue, name);
  if (!op) {
    if (own) return [];
    const meant = didYouMean(name, Object.keys(catalogue.ops));
    return [{ at: inside, key: true, message: `Data-Juicer ${catalogue.dataJuicer} has no op of this name; ${meant}` }];
  }
  const args = item[name] ?? {};
  if (!isObject(args)) return [{ at: inside, message: 'expected the arguments as a map, `name: value`' }];
  const problems = Object.entries(args).flatMap(([arg, value]) => checkArg(op, name, arg, value, `${inside}.${arg}`));
  for (const [arg, { required }] of Object.entries(op.args)) {
    if (required && !Object.hasOwn(args, arg))
      problems.push({ at: inside, key: true, message: `argument "${arg}" is missing; ${name} needs it` });
  }
  return problems;
}

function checkArg(op: Op, name: string, arg: string, value: Json, at: string): RecipeProblem[] {
  const known = findArg(op, arg);
  if (!known)
    return [
      { at, key: true, message: `${name} has no argument of this name; ${didYouMean(arg, Object.keys(op.args))}` },
    ];
  const wanted = misfit(value, known);
  return wanted === null ? [] : [{ at, message: `expected ${wanted}, got ${JSON.stringify(value)}` }];
}

const TYPE_WORDS = {
  int: 'a whole number',
  float: 'a number',
  str: 'a string',
  bool: 'true or false',
  list: 'a list',
  dict: 'a map',
  null: 'null',
  any: 'anything',
};

/** What the argument would take, where the value clearly does not fit; else null. */
function misfit(value: Json, arg: OpArg): string | null {
  if (value === null || arg.types.includes('any')) return null;
  if (!arg.types.some(type => fits(value, type)))
    return arg.types
      .filter(type => type !== 'null')
      .map(type => TYPE_WORDS[type])
      .join(' or ');
  if (typeof value !== 'number') return null;
  if (arg.gt !== undefined && value <= arg.gt) return `more than ${arg.gt}`;
  if (arg.ge !== undefined && value < arg.ge) return `at least ${arg.ge}`;
  if (arg.lt !== undefined && value >= arg.lt) return `less than ${arg.lt}`;
  return arg.le !== undefined && value > arg.le ? `at most ${arg.le}` : null;
}

// Data-Juicer's parser reads numbers out of strings, and strings out of numbers.
function fits(value: Json, type: OpArg['types'][number]): boolean {
  switch (type) {
    case 'int':
      return isNumeric(value) && Number.isInteger(Number(value));
    case 'float':
      return isNumeric(value);
    case 'str':
      return typeof value === 'string' || typeof value === 'number';
    case 'bool':
      return typeof value === 'boolean';
    case 'list':
      return Array.isArray(value);
    case 'dict':
      return isObject(value);
    case 'null':
      return value === null;
    case 'any':
      return true;
  }
}

function isNumeric(value: Json): boolean {
  return (
    typeof value === 'number' || (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)))
  );
}

/** Names of the ops of a recipe. */
export function opsOf(recipe: JsonObject | null): string[] {
  const process = recipe?.process;
  return Array.isArray(process) ? process.flatMap(item => (isObject(item) ? Object.keys(item) : [])) : [];
}

/** Sets an argument in every use of an op; changes the recipe. Returns the dotted keys that were set. */
export function applyOverride(recipe: JsonObject, { op, arg, value }: OpOverride): string[] {
  if (FORBIDDEN_KEYS.has(op) || FORBIDDEN_KEYS.has(arg) || !Array.isArray(recipe.process)) return [];
  return recipe.process.flatMap((item, i) => {
    if (!isObject(item) || !Object.hasOwn(item, op)) return [];
    const args = item[op] ?? {};
    if (!isObject(args)) return [];
    args[arg] = structuredClone(value);
    item[op] = args;
    return [`process.${i}.${op}.${arg}`];
  });
}
