import { resolve } from 'node:path';
import { formatDiagnostic } from '../../plan/diagnostic.ts';
import type { Plan } from '../../plan/plan.ts';
import type { SweepInput, SweepOpened, TrialRef } from '../../plan/protocol.ts';
import { resolveSweep, type SweepRequest } from '../../plan/sweep/resolve-sweep.ts';
import { sweepInputProblem } from '../../plan/sweep-input.ts';
import { catalogue } from '../catalogue.ts';
import { registry } from '../components.ts';
import { files } from '../runtime/files.ts';
import { checkSize, configError } from './config-error.ts';
import { openedIn, resolvedOrFail } from './opened.ts';

/**
 * Finds out what a sweep is: its file, its space compiled at sample points, its rungs; every error of every file is in the failure. `onPlan` is
 * told of a plan of its config.
 */
export async function openSweep(
  { input, sweep }: { input: SweepInput; sweep: TrialRef },
  onPlan: (plan: Plan) => void = () => {},
): Promise<SweepOpened> {
  const problem = sweepInputProblem(input);
  if (problem !== null) throw configError([problem]);
  const resolved = resolvedOrFail(resolveSweep(sweepRequest(input), { registry, files, catalogue: catalogue() }));
  const { spec, plan, rungs, warnings } = resolved;
  checkSize(spec.space);
  onPlan(plan);
  const notes = [...warnings.map(formatDiagnostic), ...resolved.notes];
  return {
    spec,
    ...openedIn(plan, { folder: 'sweeps', id: sweep.id, given: input.baseDir, notes }),
    rungs,
  };
}

/** What a workflow's input asks for, paths made absolute. */
export function sweepRequest(input: SweepInput): SweepRequest {
  const baseDir = resolve(input.baseDir ?? process.cwd());
  return {
    config: typeof input.config === 'string' ? resolve(baseDir, input.config) : input.config,
    set: input.set ?? {},
    baseDir,
    ...(input.sweep !== undefined && { sweep: input.sweep }),
    ...(input.workDir !== undefined && { workDir: input.workDir }),
    ...(input.concurrency !== undefined && { concurrency: input.concurrency }),
    ...(input.seed !== undefined && { seed: input.seed }),
  };
}
