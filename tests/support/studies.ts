import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { skipN } from 'pure-rand/utils/skipN';
import type { StudyOpened, TrialEnd } from '../../plan/protocol.ts';
import type { Gathered, OpenStudyTrial, Step, StudyAction } from '../../plan/study/memory.ts';
import { Study } from '../../plan/study/study.ts';
import { ENDS, type PartFound, type StudyPoint, type StudySpec } from '../../plan/study/types.ts';
import { trialEnd } from './sweeps.ts';

/** A study of ops a, b, … with one stat each, for the largest `judge.score`; three seeds. */
export function studySpec(more: Partial<StudySpec> = {}): StudySpec {
  const names = ['a', 'b', 'c'];
  return {
    name: 'test',
    description: null,
    recipe: { path: '/w/recipe.yaml', analysis: { dataset_path: '/w/d.jsonl', process: [] } },
    ops: names.map((name, index) => ({ op: `${name}_filter`, index, stats: [name] })),
    dataset: 'train.extra_configs.data',
    seed: 'train.extra_configs.seed',
    seeds: [1, 2, 3],
    metric: { name: 'judge.score', goal: 'maximize' },
    splitRatios: null,
    samples: null,
    minSamples: null,
    sampleSeed: 42,
    combine: 2,
    repeat: [2, 4],
    test: 'pooled',
    alpha: 0.05,
    concurrency: 4,
    exportRecipe: null,
    ...more,
  };
}

export function studyOpened(spec = studySpec()): StudyOpened {
  return { spec, project: 'project', experiment: 'experiment', workDir: '/w', dir: '/w/studies/s', notes: [] };
}

/** What the steps of a study would make of 300 samples: pools of 100, intersections of 40. */
export function gathered(step: Step, spec: StudySpec): Gathered {
  switch (step.step) {
    case 'split': {
      const stats = spec.ops.flatMap(({ op, stats }) => stats.map(stat => ({ op, stat })));
      const parts = stats.flatMap(each =>
        ENDS.map((end, i): PartFound => ({ ...each, end, rows: 100, from: i, to: i + 1 })),
      );
      return { step: 'split', total: 300, parts };
    }
    case 'combine': {
      const masks = Array.from({ length: 2 ** step.ids.length - 1 }, (_, i) => i + 1);
      const sets = masks.map(mask => step.ids.flatMap((_, rank) => ((mask >> rank) & 1 ? [rank] : [])));
      return {
        step: 'combine',
        sets: sets.map(ranks => ({ id: `top_${ranks.join('_')}`, ranks, rows: ranks.length > 1 ? 40 : 100 })),
      };
    }
    default:
      return { step: step.step };
  }
}

/** Standard normal numbers from a seed. */
export function normals(seed: number): () => number {
  const random = xoroshiro128plus(Math.imul(seed + 1, 0x9e3779b1));
  // The first numbers of near seeds are alike.
  skipN(random, 64);
  // Box and Muller (1958).
  return () => Math.sqrt(-2 * Math.log(1 - uniformFloat64(random))) * Math.cos(2 * Math.PI * uniformFloat64(random));
}

type Score = (point: StudyPoint, seed: number) => number | null | Partial<TrialEnd>;

/** A study whose trials end as soon as they have begun, the newest first. */
export class StudyAtDesk {
  readonly study: Study;
  readonly begun: { trial: number; step: Step | null; at: OpenStudyTrial['at'] }[] = [];
  readonly #score: Score;

  constructor(spec: StudySpec, score: Score) {
    this.study = Study.open('s', studyOpened(spec), 0);
    this.#score = score;
  }

  /** Everything that is to be done until trials must end. */
  step(): StudyAction[] {
    const actions: StudyAction[] = [];
    for (;;) {
      const action = this.study.next();
      if (!action) return actions;
      actions.push(action);
      if (action.do === 'begin') this.begun.push(action);
      if (action.do === 'gather') this.study.gathered(gathered(action.step, this.study.spec));
      if (action.do === 'write') this.study.wrote(null);
      if (action.do === 'close') return actions;
    }
  }

  /** Ends a trial as its point scores; a trial that makes data is done. */
  end({ trial, at }: Pick<OpenStudyTrial, 'trial' | 'at'>): void {
    if (!at) {
      this.study.trialEnded(trial, trialEnd(null));
      return;
    }
    const point = this.study.memory.stages[at.stage]!.points[at.point]!;
    const score = this.#score(point, this.study.spec.seeds[at.seed]!);
    const isScore = typeof score === 'number' || score === null;
    this.study.trialEnded(trial, isScore ? trialEnd(score) : trialEnd(null, score));
  }

  /** Runs to the end and returns how it ended. */
  run(): Extract<StudyAction, { do: 'close' }>['ending'] {
    for (;;) {
      const last = this.step().at(-1);
      if (last?.do === 'close') return last.ending;
      const open = this.study.memory.open.at(-1);
      if (!open) throw new Error('the study waits for nothing');
      this.end(open);
    }
  }
}
