// How much each parameter of a sweep mattered, as Optuna's PED-ANOVA judges it (arXiv 2304.10255).
import { existsSync } from 'node:fs';
import { execa } from 'execa';
import { pythonFile, pythonOf } from '../../activities/runtime/paths.ts';
import { programEnvironment } from '../../activities/runtime/program-environment.ts';
import type { Point, SweepSpec, SweepTrial } from '../../plan/sweep/types.ts';
import { UnitCube } from '../../plan/sweep/unit-cube.ts';
import type { Importance, Share } from '../model/sweep.ts';

/** Optuna advises at least five in the better part; they are at most half of all. */
const BEST = 5;
export const LEAST_TRIALS = 2 * BEST;
/** Its default share of the better part. */
const BETTER = 0.1;
const RESAMPLES = 40;
const TIMEOUT_MS = 60_000;

/** One number, or one of each metric, that trials told at their points. */
interface Told {
  of: string;
  directions: ('minimize' | 'maximize')[];
  trials: { point: Point; values: number[] }[];
}

/**
 * The importances that can be judged: for the objectives, and where trials stop at rungs for the values at the first one, which more trials
 * have. Asked of Optuna in the Python environment `samplers`; what is lacking for it is said.
 */
export async function importances(
  spec: SweepSpec,
  trials: readonly SweepTrial[],
  rungs: { metric: string; goal: 'minimize' | 'maximize'; steps: number[] } | null,
): Promise<Importance[]> {
  const told = [ofObjectives(spec, trials), ...(rungs?.steps[0] === undefined ? [] : [ofRung(rungs, trials)])];
  const cube = new UnitCube(spec.space);
  const judgeable = told.map(each => judgeableOf(each, cube));
  const requests = judgeable.flatMap(({ request }) => (request ? [request] : []));
  const answers = requests.length === 0 ? [] : await ask(requests);
  return judgeable.map(({ found, request }) => {
    const answer = request ? answers.shift() : undefined;
    if (!answer) return found;
    if ('error' in answer) return { ...found, lacking: answer.error };
    const shares = answer.importances.map(({ name, ...share }): Share => ({ parameter: name, ...share }));
    return { ...found, shares, by: `PED-ANOVA of Optuna ${answer.version}`, lacking: null };
  });
}

function ofObjectives({ metrics }: SweepSpec, trials: readonly SweepTrial[]): Told {
  const told = trials.filter(({ status, objectives }) => status === 'done' && objectives.every(isFinite_));
  return {
    of: metrics.map(({ name }) => name).join(' and '),
    directions: metrics.map(({ goal }) => goal),
    trials: told.map(({ point, objectives }) => ({ point, values: objectives as number[] })),
  };
}

function ofRung(
  { metric, goal, steps }: { metric: string; goal: 'minimize' | 'maximize'; steps: number[] },
  trials: readonly SweepTrial[],
): Told {
  const [first] = steps;
  return {
    of: `${metric} at step ${first}`,
    directions: [goal],
    trials: trials.flatMap(({ point, rungs }) => {
      const rung = rungs.find(({ step }) => step === first);
      return rung && Number.isFinite(rung.value) ? [{ point, values: [rung.value] }] : [];
    }),
  };
}

const isFinite_ = (value: number | null): boolean => value !== null && Number.isFinite(value);

/** What Optuna is to be asked; null where it need not be, as there is nothing to judge by. */
function judgeableOf({ of, directions, trials }: Told, cube: UnitCube): { found: Importance; request: object | null } {
  const here = trials.flatMap(({ point, values }) => {
    const at = cube.coordinatesOf(point);
    return at ? [{ point: at, values }] : [];
  });
  const best = Math.min(here.length, Math.max(BEST, Math.ceil(BETTER * here.length)));
  const found = { of, trials: here.length, best, shares: [], by: null };
  if (cube.axes.length < 2)
    return {
      found: { ...found, lacking: 'the sweep varies one parameter only: there is nothing to compare' },
      request: null,
    };
  if (here.length < LEAST_TRIALS) {
    const few = `${here.length} ${here.length === 1 ? 'trial has' : 'trials have'} told ${of}`;
    return {
      found: { ...found, lacking: `${few}: too few to judge by, it takes ${LEAST_TRIALS}` },
      request: null,
    };
  }
  const request = { directions, space: cube.axes, trials: here, top: best, resamples: RESAMPLES };
  return { found: { ...found, lacking: 'Optuna gave no answer' }, request };
}

type Answer =
  | { version: string; importances: { name: string; share: number; low: number; high: number }[] }
  | { error: string };

/** An answer for each request; where there is no environment, or it fails, all say so. */
async function ask(requests: readonly object[]): Promise<Answer[]> {
  const all = (error: string) => requests.map(() => ({ error }));
  const python = pythonOf('samplers');
  if (!existsSync(python))
    return all('it is judged in the Python environment samplers, which is not there: run `npm run setup`');
  const { stdout, failed, timedOut, stderr, exitCode } = await execa(
    python,
    [pythonFile('samplers', 'importance.py')],
    {
      input: JSON.stringify(requests),
      env: { ...programEnvironment(), PYTHONHASHSEED: '0' },
      extendEnv: false,
      reject: false,
      timeout: TIMEOUT_MS,
    },
  );
  if (timedOut) return all(`Optuna gave no answer within ${TIMEOUT_MS / 1000} s`);
  if (failed) return all(`Optuna could not be asked (exit code ${exitCode}): ${stderr.trim().split('\n').at(-1)}`);
  try {
    return JSON.parse(stdout) as Answer[];
  } catch {
    return all('what Optuna answered cannot be read');
  }
}
