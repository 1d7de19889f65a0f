import { type JobResults, lookUp } from './context.ts';
import { type Json, type Plan, TARGET_OPS, type Target } from './plan.ts';

/** A target as written: `<context key> <op> <number>`. */
export interface WrittenTarget {
  key: string;
  op: Target['op'];
  value: number;
}

const TARGET = /^\s*(.*?\S)\s*(==|>=|<=|>|<)\s*(.*?)\s*$/;
const NUMBER = /^[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;

/** Reads a target without evaluating anything; else says what is wrong. */
export function parseTarget(text: string): WrittenTarget | string {
  const found = TARGET.exec(text);
  if (!found)
    return `expected "<pipeline>.<meta_name>.<output> <op> <number>", where the op is one of ${TARGET_OPS.join(' ')}`;
  const [, key = '', op = '', number = ''] = found;
  const value = Number(number.replaceAll('_', ''));
  if (!NUMBER.test(number) || !Number.isFinite(value)) return `expected a number after ${op}, got "${number}"`;
  return { key, op: op as Target['op'], value };
}

const COMPARE: Record<Target['op'], (a: number, b: number) => boolean> = {
  '==': (a, b) => a === b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
};

/** A target and what came of it. */
export interface TargetEnd {
  /** As in the config. */
  target: string;
  value: Json;
  met: boolean;
  /** Why it cannot be met, where its result is no number. */
  problem?: string;
}

/** Compares results with the plan's targets; a result that is no number meets none. */
export function evaluateTargets(plan: Pick<Plan, 'iterTargets'>, results: JobResults): TargetEnd[] {
  return plan.iterTargets.map(({ key, ref, op, value: wanted }) => {
    const target = `${key} ${op} ${wanted}`;
    const value = lookUp(results, ref) ?? null;
    if (typeof value === 'number' && Number.isFinite(value)) return { target, value, met: COMPARE[op](value, wanted) };
    return { target, value, met: false, problem: `${key} is ${JSON.stringify(value)}, which is no number` };
  });
}

/** Whether the targets end the iterations; null where there are none. */
export function targetsMet(plan: Pick<Plan, 'iterTargetsMode'>, ends: readonly TargetEnd[]): boolean | null {
  if (ends.length === 0) return null;
  return plan.iterTargetsMode === 'all' ? ends.every(end => end.met) : ends.some(end => end.met);
}
