/** JSON types an op argument may have. */
export type ArgType = 'int' | 'float' | 'str' | 'bool' | 'list' | 'dict' | 'null' | 'any';

export interface OpArg {
  types: ArgType[];
  required: boolean;
  gt?: number;
  ge?: number;
  lt?: number;
  le?: number;
  /** What a string argument holds: a number of bytes (`4096`, `4KB`) or a fraction (`9/21`). */
  format?: 'bytes' | 'fraction';
}

export interface Op {
  args: Record<string, OpArg>;
  /** Stats keys that the op writes, in its order. */
  stats: string[];
}

/** What a version of Data-Juicer knows: made from the real package, since ops and arguments cannot be checked without it. */
export interface OpCatalogue {
  /** Version of Data-Juicer. */
  dataJuicer: string;
  /** Top-level keys of a recipe. */
  recipeKeys: string[];
  ops: Record<string, Op>;
}

/** The op of that name, or undefined. */
export function findOp(catalogue: OpCatalogue, name: string): Op | undefined {
  return Object.hasOwn(catalogue.ops, name) ? catalogue.ops[name] : undefined;
}

/** The op's argument of that name, or undefined. */
export function findArg(op: Op, name: string): OpArg | undefined {
  return Object.hasOwn(op.args, name) ? op.args[name] : undefined;
}
