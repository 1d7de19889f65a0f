import type { TrialInput } from './protocol.ts';

const KEYS = ['config', 'set', 'baseDir', 'workDir', 'runs'];

/** What is wrong with the input of a trial, which anyone may have typed by hand; null where nothing is. */
export function inputProblem(input: unknown): string | null {
  if (!isMap(input)) return `expected the input {"config": "<path of a sandbox config>"}, got ${said(input)}`;
  const unknown = Object.keys(input).filter(key => !KEYS.includes(key));
  if (unknown.length > 0) return `unknown input key ${said(unknown[0])}; known: ${KEYS.join(', ')}`;
  const { config, set, baseDir, workDir, runs } = input as Partial<TrialInput>;
  if (typeof config !== 'string' && !isMap(config))
    return `input "config": expected the path of a sandbox config, or the config itself, got ${said(config)}`;
  if (config === '') return 'input "config" is empty: give the path of a sandbox config';
  if (set !== undefined && !isMap(set)) return `input "set": expected a map {path: value}, got ${said(set)}`;
  if (runs !== undefined && !(isMap(runs) && Object.values(runs).every(run => typeof run === 'string')))
    return `input "runs": expected a map {job id: name}, got ${said(runs)}`;
  for (const [key, value] of Object.entries({ baseDir, workDir }))
    if (value !== undefined && typeof value !== 'string')
      return `input "${key}": expected the path of a folder, got ${said(value)}`;
  return null;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function said(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 80);
}
