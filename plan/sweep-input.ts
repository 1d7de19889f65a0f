import type { SweepInput } from './protocol.ts';
import { isMap, said, sharedInputProblem, unknownKey } from './trial-input.ts';

const KEYS = ['config', 'sweep', 'concurrency', 'seed', 'set', 'baseDir', 'workDir', 'cache'];

/** What is wrong with the input of a sweep, which anyone may have typed by hand; null where nothing is. */
export function sweepInputProblem(input: unknown): string | null {
  if (!isMap(input)) return `expected the input {"config": "<path of a sandbox config>"}, got ${said(input)}`;
  const unknown = unknownKey(input, KEYS);
  if (unknown !== null) return `unknown input key ${unknown}`;
  const { sweep } = input as Partial<SweepInput>;
  if (sweep !== undefined && (sweep === '' || (typeof sweep !== 'string' && !isMap(sweep))))
    return `input "sweep": expected the path of a sweep file, or what is in one, got ${said(sweep)}`;
  return sharedInputProblem(input);
}
