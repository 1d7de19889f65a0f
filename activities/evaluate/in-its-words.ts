import type { JobRun } from '../component.ts';
import { JobFailure } from '../runtime/failure.ts';
import { lastLines } from '../runtime/last-lines.ts';
import { programSentence } from './program-sentence.ts';

const SEARCHED_LINES = 20;

/** Runs a program of ours (python/evaluate/sentence.py); where it ends with a sentence of its own, that is the failure. */
export async function inItsWords<T>(run: Pick<JobRun, 'log'>, program: () => Promise<T>): Promise<T> {
  try {
    return await program();
  } catch (error) {
    if (!(error instanceof JobFailure)) throw error;
    const sentence = programSentence(await lastLines(run.log, SEARCHED_LINES).catch(() => error.logTail));
    throw sentence === null ? error : new JobFailure(sentence, { logTail: error.logTail, cause: error });
  }
}
