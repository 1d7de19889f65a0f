import type { SuggestArgs } from '../../plan/protocol.ts';
import { specOf, trialsOf } from '../../plan/sweep/trials.ts';
import { JobFailure } from '../runtime/failure.ts';
import { readLedger } from '../runtime/ledger.ts';
import { type Suggestion, suggest } from './suggest.ts';

/** Asks the sweep's sampler for its next points; all that it is told is read from the ledger. */
export async function suggestPoints(
  { settled, tail, next, count, baseDir }: SuggestArgs,
  signal?: AbortSignal,
): Promise<Suggestion[]> {
  const decisions = [...(await readLedger(settled)), ...tail];
  const { spec, rungs } = specOf(decisions);
  if (spec === null)
    throw new JobFailure(`the ledger ${settled.path} does not begin with the decision that opens a sweep`);
  const { sampler, space, metrics, seed } = spec;
  return await suggest(
    {
      sampler,
      space,
      metrics,
      seed,
      trials: trialsOf(decisions),
      next,
      count,
      ...(rungs && { rungGoal: rungs.goal }),
      ...(baseDir !== undefined && { baseDir }),
    },
    { ...(signal && { signal }) },
  );
}
