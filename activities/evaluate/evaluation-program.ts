import type { JobRun } from '../component.ts';
import { restarting } from '../runtime/durably.ts';
import { JobFailure } from '../runtime/failure.ts';
import { lastLines } from '../runtime/last-lines.ts';
import { tqdm } from '../runtime/log-patterns.ts';
import type { LogPattern, ProgramEnd } from '../runtime/program-spec.ts';
import { programSentence } from './program-sentence.ts';

const SEARCHED_LINES = 20;

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
  try {
    return await run.program({
      argv,
      cwd: run.dir,
      env: { PYTHONUNBUFFERED: '1', ...env },
      patterns: [...patterns],
      unit,
      phase,
      ...restarting(run.job),
    });
  } catch (error) {
    if (!(error instanceof JobFailure)) throw error;
    const sentence = programSentence(await lastLines(run.log, SEARCHED_LINES).catch(() => error.logTail));
    throw sentence === null ? error : new JobFailure(sentence, { logTail: error.logTail, cause: error });
  }
}
