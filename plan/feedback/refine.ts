import { isObject } from '../dotted.ts';
import { namedStat } from '../named-stat.ts';
import { findArg, findOp, type OpCatalogue } from '../op-catalogue.ts';
import type { Json, JsonObject } from '../plan.ts';
import { fitBound, type Side } from '../range-argument.ts';
import type { Demands } from '../statistics/against-baseline.ts';
import { boundArgument } from './bounds.ts';
import { judge, type OpEvidence, type OpVerdict, type PoolVerdict } from './verdict.ts';

/** An argument that a result moved. */
export interface FeedbackChange {
  op: string;
  /** Position of the op in `process`, from 0. */
  index: number;
  arg: string;
  /** Undefined where the recipe did not give it. */
  from: Json | undefined;
  to: Json;
  stat: string;
  rounded?: 'down' | 'up';
  chosen: PoolVerdict;
}

export interface FeedbackRefined {
  recipe: JsonObject;
  changes: FeedbackChange[];
  verdicts: OpVerdict[];
}

/**
 * Refines a recipe by what models made of pools of the data: where one pool of an op helped (`judge`), the op's arguments that bound the stat
 * become the pool's range, rounded outward and within what the op takes, in every use of the op; a side on which the pool is open keeps its argument.
 * Otherwise the op is left alone, also where its arguments would contradict each other.
 */
export function refineByFeedback(
  recipe: JsonObject,
  evidence: readonly OpEvidence[],
  { catalogue, ...demands }: Demands & { catalogue: OpCatalogue },
): FeedbackRefined {
  const refined = structuredClone(recipe);
  const process = Array.isArray(refined.process) ? refined.process : [];
  const changes: FeedbackChange[] = [];
  const verdicts = judge(evidence, demands).map((verdict, i) => {
    const { chosen } = verdict;
    if (!chosen) return verdict;
    const moves = process.flatMap((item, index) =>
      isObject(item) && isUse(item, verdict)
        ? [{ index, ...movesIn(item[verdict.op]!, evidence[i]!, chosen, catalogue) }]
        : [],
    );
    const none = moves.length === 0 ? `the recipe has no ${verdict.op} on ${verdict.stat}` : undefined;
    const problem = none ?? moves.find(move => move.problem !== undefined)?.problem;
    if (problem !== undefined) return { ...verdict, chosen: null, why: `${verdict.why}; but ${problem}` };
    for (const { index, args, moved } of moves) {
      (process[index] as JsonObject)[verdict.op] = args;
      for (const change of moved) changes.push({ op: verdict.op, index, stat: verdict.stat, chosen, ...change });
    }
    return verdict;
  });
  return { recipe: refined, changes: changes.sort((a, b) => a.index - b.index), verdicts };
}

/** Whether an item of `process` is a use of the op on that stat; an op may name the stat that it bounds. */
function isUse(item: JsonObject, { op, stat }: OpVerdict): boolean {
  if (!Object.hasOwn(item, op)) return false;
  const args = item[op];
  const named = isObject(args) ? namedStat(args) : null;
  return named === null || named === stat;
}

interface Moves {
  args: JsonObject;
  moved: Pick<FeedbackChange, 'arg' | 'from' | 'to' | 'rounded'>[];
  /** Why the op cannot hold the range. */
  problem?: string;
}

function movesIn(given: Json, evidence: OpEvidence, { pool }: PoolVerdict, catalogue: OpCatalogue): Moves {
  const args: JsonObject = isObject(given) ? { ...given } : {};
  const moved: Moves['moved'] = [];
  const names: Record<Side, string | null> = {
    '-1': evidence.minArg ?? boundArgument(catalogue, evidence.op, evidence.stat, -1),
    '1': evidence.maxArg ?? boundArgument(catalogue, evidence.op, evidence.stat, 1),
  };
  const op = findOp(catalogue, evidence.op);
  for (const [side, bound] of [[-1, pool.min] as const, [1, pool.max] as const]) {
    if (bound === null) continue;
    const arg = names[side];
    if (arg === null)
      return { args, moved, problem: `the op has no argument for a ${side < 0 ? 'minimum' : 'maximum'}` };
    const fitted = fitBound(bound, side, op && findArg(op, arg));
    if (fitted === null) return { args, moved, problem: `the op does not take ${bound} as ${arg}` };
    moved.push({ arg, from: args[arg], to: fitted.value, ...fitted.how });
    args[arg] = fitted.value;
  }
  const [least, most] = [names[-1], names[1]].map(name => (name === null ? Number.NaN : numberOf(args[name])));
  if (least! > most!) {
    const problem = `${names[-1]} ${JSON.stringify(args[names[-1]!])} and ${names[1]} ${JSON.stringify(args[names[1]!])} would leave no sample`;
    return { args, moved, problem };
  }
  return { args, moved };
}

/** NaN for what is not given, or no plain number (`4KB`, `9/21`). */
function numberOf(value: Json | undefined): number {
  return typeof value === 'number' || (typeof value === 'string' && value.trim() !== '') ? Number(value) : Number.NaN;
}
