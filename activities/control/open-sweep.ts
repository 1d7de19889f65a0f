import { join, resolve } from 'node:path';
import { clip } from '../../plan/clip.ts';
import { formatDiagnostic } from '../../plan/diagnostic.ts';
import type { SweepInput, SweepOpened, TrialRef } from '../../plan/protocol.ts';
import { resolveSweep, type SweepRequest } from '../../plan/sweep/resolve-sweep.ts';
import { sweepInputProblem } from '../../plan/sweep-input.ts';
import { catalogue } from '../catalogue.ts';
import { registry } from '../components.ts';
import { files } from '../runtime/files.ts';
import { safeName } from '../runtime/safe-name.ts';
import { checkSize, configError, notRunnable } from './config-error.ts';

const MAX_NOTES = 20;
const NOTE_CHARS = 500;

/** Finds out what a sweep is: its file, its space compiled at sample points, its rungs; every error of every file is in the failure. */
export async function openSweep({ input, sweep }: { input: SweepInput; sweep: TrialRef }): Promise<SweepOpened> {
  const problem = sweepInputProblem(input);
  if (problem !== null) throw configError([problem]);
  const resolved = resolveSweep(sweepRequest(input), { registry, files, catalogue: catalogue() });
  if (!resolved.ok)
    throw configError(resolved.diagnostics.filter(one => one.severity === 'error').map(formatDiagnostic));
  const { spec, plan, rungs, warnings } = resolved;
  const unable = notRunnable(plan);
  if (unable.length > 0) throw configError(unable);
  checkSize(spec.space);
  const notes = [...warnings.map(formatDiagnostic), ...resolved.notes];
  if (input.baseDir === undefined)
    notes.unshift(`relative paths start at ${plan.baseDir}, the control worker's folder (baseDir was not given)`);
  return {
    spec,
    project: plan.projectName,
    experiment: plan.experimentName,
    workDir: plan.workDir,
    dir: join(plan.workDir, 'sweeps', safeName(sweep.id)),
    rungs,
    notes: notes.slice(0, MAX_NOTES).map(note => clip(note, NOTE_CHARS)),
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
