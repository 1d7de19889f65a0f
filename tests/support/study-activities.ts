import type { GatherArgs, JobRef, StudyOpened, StudyTable } from '../../plan/protocol.ts';
import { done, job } from './skeletons.ts';
import { gathered } from './studies.ts';
import { sweepControl } from './sweep-activities.ts';
import { opened, sweepSpec } from './sweeps.ts';

/** What the control worker would do for a study, without files: `written` is what study.json would hold. */
export function studyControl(study: StudyOpened) {
  const { activities, compiled } = sweepControl(opened(sweepSpec()), [job('p.1-judge', { metaName: 'judge' })]);
  const written: StudyTable[] = [];
  const steps: GatherArgs[] = [];
  const own = {
    openStudy: async () => study,
    gatherPools: async (args: GatherArgs) => {
      steps.push(args);
      return gathered(args.step, study.spec);
    },
    writeStudy: async ({ table }: { table: StudyTable }) => {
      written.push(table);
      return { table: '/w/studies/s/table.md', study: '/w/studies/s/study.json', recipe: '/w/studies/s/recipe.yaml' };
    },
  };
  /** The pool's name and the seed of a trial; null for one that makes data. */
  const triedBy = (trial: string) => {
    const set = compiled.findLast(args => args.trial.id === trial)?.input.set;
    const path = set?.[study.spec.dataset];
    if (typeof path !== 'string') return null;
    return { path, pool: path.replace(/^.*\/|\.jsonl$/g, ''), seed: Number(set?.[study.spec.seed ?? '']) };
  };
  return { activities: { ...activities, ...own }, compiled, written, steps, triedBy };
}

/** A job of a study's trial that tells `score(pool, seed)`. */
export const judgePools =
  (control: ReturnType<typeof studyControl>, score: (pool: string, seed: number) => number) => async (ref: JobRef) => {
    const tried = control.triedBy(ref.trial.id);
    return done(ref, { metrics: tried ? { score: score(tried.pool, tried.seed) } : {} });
  };
