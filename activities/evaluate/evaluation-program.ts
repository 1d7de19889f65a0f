import type { JobRun } from '../component.ts';
import { restarting } from '../runtime/durably.ts';
import { tqdm } from '../runtime/log-patterns.ts';
import type { LogPattern, ProgramEnd } from '../runtime/program-spec.ts';
import { inItsWords } from './in-its-words.ts';

interface Evaluation {
  argv: string[];
  /** What the program counts. */
  unit: string;
  phase: string;
  patterns?: readonly LogPattern[];
  env?: Record<string, string>;
}

/** Runs one of our own evaluation programs; where it ends with a sentence of its own, that is the failure. */
export async function runEvaluation(
  run: JobRun,
  { argv, unit, phase, patterns = [tqdm()], env = {} }: Evaluation,
): Promise<ProgramEnd> {
  return await inItsWords(run, () =>
    run.program({
      argv,
      cwd: run.dir,
      env: { PYTHONUNBUFFERED: '1', ...env },
      patterns: [...patterns],
      unit,
      phase,
      ...restarting(run.job),
    }),
  );
}
