import { type Json, TARGET_OPS, type Target } from './plan.ts';

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

export interface TargetEnd {
  /** As in the config. */
  target: string;
  value: Json;
  met: boolean;
  /** Why it cannot be met, where its result is no number. */
  problem?: string;
}

/** Compares results with targets; a result that is no number meets none. */
export function evaluateTargets(
  targets: readonly Target[],
  mode: 'all' | 'any',
  resultOf: (target: Target) => Json | undefined,
) {
  const ends = targets.map((target): TargetEnd => {
    const text = `${target.key} ${target.op} ${target.value}`;
    const value = resultOf(target) ?? null;
    if (typeof value === 'number' && Number.isFinite(value))
      return { target: text, value, met: COMPARE[target.op](value, target.value) };
    return {
      target: text,
      value,
      met: false,
      problem: `${target.key} is ${JSON.stringify(value)}, which is no number`,
    };
  });
  const met = ends.length > 0 && (mode === 'all' ? ends.every(end => end.met) : ends.some(end => end.met));
  return { met, ends };
}
