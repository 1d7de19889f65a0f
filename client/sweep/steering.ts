import { readFileSync } from 'node:fs';
import { formatDiagnostic } from '../../plan/diagnostic.ts';
import { isObject } from '../../plan/dotted.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { parseSource } from '../../plan/source.ts';
import type { Budget } from '../../plan/sweep/types.ts';
import { settings } from '../arguments.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { nearest } from '../nearest.ts';

type BudgetWish = Partial<Budget> & { target?: number | null };

const LIMITS: Record<string, keyof BudgetWish> = {
  run_cap: 'runCap',
  max_hours: 'maxHours',
  patience: 'patience',
  max_failures: 'maxFailures',
  target: 'target',
};

/**
 * `run_cap=30 max_hours=null …` as update `setBudget` takes it; the sweep judges the values.
 * @throws CommandFailure for a name that is no limit, or a value that is neither a number nor null.
 */
export function budgetWish(pairs: string[]): BudgetWish {
  const wish: BudgetWish = {};
  for (const [name, value] of Object.entries(settings(pairs, ''))) {
    const limit = Object.hasOwn(LIMITS, name) ? LIMITS[name] : undefined;
    if (!limit) {
      const near = nearest(name, Object.keys(LIMITS))[0];
      const hint = near ? `did you mean ${near}?` : `known: ${Object.keys(LIMITS).join(', ')}`;
      throw new CommandFailure(`${name} is no limit of a sweep; ${hint}`);
    }
    if (value !== null && typeof value !== 'number')
      throw new CommandFailure(`${name}=${JSON.stringify(value)}: expected a number, or null for no limit`);
    wish[limit] = value;
  }
  return wish;
}

/**
 * The `parameters` of a sweep file.
 * @throws CommandFailure when the file cannot be read, or has none.
 */
export function parametersOf(path: string): JsonObject {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : code;
    throw new CommandFailure(`--sweep ${path}: ${why}`, EXIT.badInput, { cause: error });
  }
  const { value, diagnostics } = parseSource(path, text);
  if (!value) throw new CommandFailure(diagnostics.map(formatDiagnostic).join('\n'));
  const { parameters = null } = value;
  if (isObject(parameters) && Object.keys(parameters).length > 0) return parameters;
  throw new CommandFailure(`--sweep ${path}: it has no \`parameters:\`, which say what the space is to be`);
}
