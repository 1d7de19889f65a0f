import { diffTrials } from '../../report/diff/diff-trials.ts';
import { trialFacts } from '../../report/diff/trial-facts.ts';
import { printJson } from '../output.ts';
import { paintFor } from '../paint.ts';
import { findTrial } from '../record/find-trial.ts';
import { diffJson, diffLines } from './diff-view.ts';

export interface DiffOptions {
  unified?: boolean;
  json?: boolean;
  workDir?: string;
}

/**
 * Prints what two trials differ in.
 * @throws CommandFailure when one of them is not there.
 */
export async function printDiff(a: string, b: string, options: DiffOptions): Promise<void> {
  const [one, other] = [await findTrial(a, options), await findTrial(b, options)];
  const jobs = diffTrials(await trialFacts(one), await trialFacts(other));
  if (options.json) return printJson(diffJson(a, b, jobs));
  const size = { width: process.stdout.columns ?? 160, paint: paintFor(process.stdout) };
  const unified = options.unified ? { unified: true } : {};
  for (const line of diffLines(a, b, jobs, { ...size, ...unified })) console.log(line);
  for (const line of [...one.lacking, ...other.lacking]) process.stderr.write(`note: ${line}\n`);
}
