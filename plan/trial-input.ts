import type { RungPlan, SweepMembership, TrialInput } from './protocol.ts';

const KEYS = ['config', 'set', 'baseDir', 'workDir', 'runs', 'cache', 'sweep'];

/** What is wrong with the input of a trial, which anyone may have typed by hand; null where nothing is. */
export function inputProblem(input: unknown): string | null {
  if (!isMap(input)) return `expected the input {"config": "<path of a sandbox config>"}, got ${said(input)}`;
  const unknown = unknownKey(input, KEYS);
  if (unknown !== null) return `unknown input key ${unknown}`;
  const { runs, sweep } = input as Partial<TrialInput>;
  if (runs !== undefined && !(isMap(runs) && Object.values(runs).every(run => typeof run === 'string')))
    return `input "runs": expected a map {job id: name}, got ${said(runs)}`;
  const ofSweep = sweep === undefined ? null : sweepProblem(sweep);
  return sharedInputProblem(input) ?? (ofSweep && `input "sweep": ${ofSweep}`);
}

/** What is wrong with what trials and sweeps take alike. */
export function sharedInputProblem(input: Record<string, unknown>): string | null {
  const { config, set, baseDir, workDir, cache } = input as Partial<TrialInput>;
  if (typeof config !== 'string' && !isMap(config))
    return `input "config": expected the path of a sandbox config, or the config itself, got ${said(config)}`;
  if (config === '') return 'input "config" is empty: give the path of a sandbox config';
  if (set !== undefined && !isMap(set)) return `input "set": expected a map {path: value}, got ${said(set)}`;
  for (const [key, value] of Object.entries({ baseDir, workDir }))
    if (value !== undefined && typeof value !== 'string')
      return `input "${key}": expected the path of a folder, got ${said(value)}`;
  if (cache !== undefined && typeof cache !== 'boolean')
    return `input "cache": expected true or false, got ${said(cache)}`;
  return null;
}

function sweepProblem(sweep: unknown): string | null {
  if (!isMap(sweep)) return `expected a map {id, trial, rungs?}, got ${said(sweep)}`;
  const unknown = unknownKey(sweep, ['id', 'trial', 'metrics', 'rungs']);
  if (unknown !== null) return `unknown key ${unknown}`;
  const { id, trial, metrics = [], rungs } = sweep as Partial<SweepMembership>;
  if (typeof id !== 'string' || id === '') return `id: expected the sweep's workflow id, got ${said(id)}`;
  if (!isNatural(trial)) return `trial: expected a whole number from 1, got ${said(trial)}`;
  if (!Array.isArray(metrics) || !metrics.every(name => typeof name === 'string'))
    return `metrics: expected a list of names, got ${said(metrics)}`;
  const ofRungs = rungs === undefined ? null : rungsProblem(rungs);
  return ofRungs && `rungs: ${ofRungs}`;
}

function rungsProblem(rungs: unknown): string | null {
  if (!isMap(rungs)) return `expected a map {metric, goal, steps, waits}, got ${said(rungs)}`;
  const unknown = unknownKey(rungs, ['metric', 'goal', 'steps', 'waits']);
  if (unknown !== null) return `unknown key ${unknown}`;
  const { metric, goal, steps, waits } = rungs as Partial<RungPlan>;
  if (typeof metric !== 'string' || metric === '') return `metric: expected a name, got ${said(metric)}`;
  if (goal !== 'minimize' && goal !== 'maximize') return `goal: expected minimize or maximize, got ${said(goal)}`;
  if (!Array.isArray(steps) || !steps.every((step, i) => isNatural(step) && step > (steps[i - 1] ?? 0)))
    return `steps: expected whole numbers from 1, each above the one before, got ${said(steps)}`;
  return typeof waits === 'boolean' ? null : `waits: expected true or false, got ${said(waits)}`;
}

export function unknownKey(map: Record<string, unknown>, known: readonly string[]): string | null {
  const unknown = Object.keys(map).find(key => !known.includes(key));
  return unknown === undefined ? null : `${said(unknown)}; known: ${known.join(', ')}`;
}

function isNatural(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function said(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 80);
}
