import type { SweepInput } from '../protocol.ts';

type Key = keyof SweepInput;
type Check = [expected: string, fits: (value: unknown) => boolean];

const isMap = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
const config: Check = [
  'the path of a file, or what is in it',
  value => (typeof value === 'string' && value !== '') || isMap(value),
];
const folder: Check = ['the path of a folder', value => typeof value === 'string'];
const from = (least: number): Check => [
  `a whole number of at least ${least}`,
  value => Number.isSafeInteger(value) && (value as number) >= least,
];

const CHECKS: Record<Key, Check> = {
  config,
  sweep: config,
  concurrency: from(1),
  seed: from(0),
  set: ['a map {path: value}', isMap],
  baseDir: folder,
  workDir: folder,
  cache: ['true or false', value => typeof value === 'boolean'],
};

/** What is wrong with the input of a sweep, which anyone may have typed by hand; null where nothing is. */
export function sweepInputProblem(input: unknown): string | null {
  if (!isMap(input)) return `expected the input {"config": "<path of a sandbox config>"}, got ${said(input)}`;
  const given = input as Record<string, unknown>;
  if (given.config === undefined) return 'input "config" is missing: give the path of a sandbox config';
  for (const [key, value] of Object.entries(given)) {
    if (!Object.hasOwn(CHECKS, key)) return `unknown input key ${said(key)}; known: ${Object.keys(CHECKS).join(', ')}`;
    const [expected, fits] = CHECKS[key as Key];
    if (!fits(value)) return `input "${key}": expected ${expected}, got ${said(value)}`;
  }
  return null;
}

function said(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 80);
}
