import { suggest } from '../activities/control/suggest.ts';
import { countErrors, reportDiagnostics } from './compile-config.ts';
import { EXIT } from './failure.ts';
import { printJson } from './output.ts';
import { resolveSweepOf, type SweepToResolve } from './resolve-sweep.ts';
import { type PlannedTrial, sweepPlanLines } from './sweep-plan-view.ts';

export interface PlanSweepRequest extends SweepToResolve {
  /** How many points are asked for; default: the sweep's run_cap, else 20. */
  trials?: number | undefined;
  json?: boolean | undefined;
}

const DEFAULT_TRIALS = 20;

/** Prints the points that a sweep would try first, without running anything; returns the exit code. */
export async function planSweep(request: PlanSweepRequest): Promise<number> {
  const { config, baseDir, trials: count, json = false } = request;
  const resolved = resolveSweepOf({ ...request, absent: 'warning' });
  if (!resolved.ok) {
    const errors = resolved.diagnostics.filter(each => each.severity === 'error');
    reportDiagnostics(resolved.diagnostics);
    process.stderr.write(`${countErrors(config, errors)} and its sweep\n`);
    return EXIT.badInput;
  }
  const { spec, warnings, notes } = resolved;
  const { sampler, space, metrics, seed, budget } = spec;
  const asked = {
    sampler,
    space,
    metrics,
    seed,
    trials: [],
    next: 1,
    count: count ?? budget.runCap ?? DEFAULT_TRIALS,
    baseDir,
  };
  const points = await suggest(asked);
  const trials: PlannedTrial[] = points.map(({ point }, i) => ({ trial: i + 1, parameters: point }));
  reportDiagnostics(warnings);
  if (json) printJson(trials);
  else {
    for (const line of sweepPlanLines(spec, trials, process.stdout.columns ?? 160)) console.log(line);
    if (trials.length < asked.count) console.log(`There are no more: the grid has ${trials.length} points.`);
    for (const note of notes) console.log(`note: ${note}`);
  }
  return EXIT.done;
}
