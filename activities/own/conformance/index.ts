// What any component must do, ours or a user's: `import { conformance } from 'dj-sandbox/conformance'`; see docs/own-components.md.
import type { Manifest } from '../../../plan/manifest.ts';
import { beginsAgain, endsAtOnce, endsHalfWay, isAttachedTo } from './ending.ts';
import { type ComponentUnderTest, JobBench } from './job-bench.ts';
import { isFoundDone, publishes, runsOnce } from './publishing.ts';
import { declaresItself, refusesWrongConfigs, reportsBadFiles } from './reporting.ts';

export type { ComponentUnderTest, JobConfigs } from './job-bench.ts';

/** A test for any test runner: `test(title, run)`. */
export interface ConformanceCase {
  title: string;
  /** Rejects where the component does otherwise. */
  run: () => Promise<void>;
}

const CASES: Record<string, (bench: JobBench) => Promise<void>> = {
  'declares what it is, and its config as a schema': declaresItself,
  'answers wrong configs with sentences': refusesWrongConfigs,
  'publishes a manifest that is what it declared': publishes,
  'is published once: a later trial finds it done': isFoundDone,
  'runs once where two trials need it at once, with the same result': runsOnce,
  'ends where it is cancelled as it begins': endsAtOnce,
  'ends where it is cancelled half-way, and leaves nothing running': endsHalfWay,
  'comes to the same result after its worker died half-way': beginsAgain,
  'is attached to by the next worker, which starts no second program': isAttachedTo,
  'says what is wrong with files that are empty or something else': reportsBadFiles,
};

/**
 * The cases of one component, to be given to a test runner. They share a job, which runs about eight times in all, in a temporary folder and without a
 * server; programs run under the real supervisor, which needs Python and Linux.
 */
export function conformance(under: ComponentUnderTest): ConformanceCase[] {
  let bench: Promise<JobBench> | null = null;
  let last: Promise<unknown> = Promise.resolve();
  // One after another, whatever the runner does: they share the job's folder.
  const inTurn = (work: (bench: JobBench) => Promise<void>): Promise<void> => {
    const turn = last.then(async () => {
      bench ??= JobBench.make(under);
      await work(await bench);
    });
    last = turn.catch(() => {});
    return turn;
  };
  return Object.entries(CASES).map(([title, check]) => ({ title, run: () => inTurn(check) }));
}

/** Runs a component's job once and returns what it published; `dir`: the folder that the manifest's paths start at. */
export async function runOnce(under: ComponentUnderTest): Promise<Manifest & { dir: string }> {
  const bench = await JobBench.make(under);
  return { ...(await bench.published()), dir: bench.dir };
}
