import type { StudyInput } from './protocol.ts';
import { isMap, said, sharedInputProblem, unknownKey } from './trial-input.ts';

const KEYS = ['config', 'study', 'ops', 'concurrency', 'set', 'baseDir', 'workDir', 'cache'];

/** What is wrong with the input of a pool study, which anyone may have typed by hand; null where nothing is. */
export function studyInputProblem(input: unknown): string | null {
  if (!isMap(input))
    return `expected the input {"config": "<path of a sandbox config>", "study": "<path of a study file>"}, got ${said(input)}`;
  const unknown = unknownKey(input, KEYS);
  if (unknown !== null) return `unknown input key ${unknown}`;
  const { study, ops } = input as Partial<StudyInput>;
  if (study === undefined || study === '' || (typeof study !== 'string' && !isMap(study)))
    return `input "study": expected the path of a study file, or what is in one, got ${said(study)}`;
  if (ops !== undefined && !(Array.isArray(ops) && ops.every(op => typeof op === 'string')))
    return `input "ops": expected a list of ops of the recipe, got ${said(ops)}`;
  return sharedInputProblem(input);
}
