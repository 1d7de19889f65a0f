import { join, resolve } from 'node:path';
import { clip } from '../../../plan/clip.ts';
import { formatDiagnostic } from '../../../plan/diagnostic.ts';
import type { StudyInput, StudyOpened, TrialRef } from '../../../plan/protocol.ts';
import { resolveStudy, type StudyRequest } from '../../../plan/study/resolve-study.ts';
import { studyInputProblem } from '../../../plan/study-input.ts';
import { catalogue } from '../../catalogue.ts';
import { registry } from '../../components.ts';
import { files } from '../../runtime/files.ts';
import { safeName } from '../../runtime/safe-name.ts';
import { configError, notRunnable } from '../config-error.ts';

const MAX_NOTES = 20;
const NOTE_CHARS = 500;
/** It travels in the workflow's history. */
const MAX_SPEC_CHARS = 48 * 1024;

/** Finds out what a pool study is: its file, its recipe, its config compiled on the recipe's data; every error of every file is in the failure. */
export async function openStudy({ input, study }: { input: StudyInput; study: TrialRef }): Promise<StudyOpened> {
  const problem = studyInputProblem(input);
  if (problem !== null) throw configError([problem]);
  const resolved = resolveStudy(studyRequest(input), { registry, files, catalogue: catalogue() });
  if (!resolved.ok)
    throw configError(resolved.diagnostics.filter(one => one.severity === 'error').map(formatDiagnostic));
  const { spec, plan, warnings } = resolved;
  const unable = notRunnable(plan);
  if (unable.length > 0) throw configError(unable);
  const characters = JSON.stringify(spec).length;
  if (characters > MAX_SPEC_CHARS)
    throw configError([
      `the recipe and the study file take ${Math.ceil(characters / 1024)} KiB, a study can have ${MAX_SPEC_CHARS / 1024}: name fewer ops`,
    ]);
  const notes = warnings.map(formatDiagnostic);
  if (input.baseDir === undefined)
    notes.unshift(`relative paths start at ${plan.baseDir}, the control worker's folder (baseDir was not given)`);
  return {
    spec,
    project: plan.projectName,
    experiment: plan.experimentName,
    workDir: plan.workDir,
    dir: join(plan.workDir, 'studies', safeName(study.id)),
    notes: notes.slice(0, MAX_NOTES).map(note => clip(note, NOTE_CHARS)),
  };
}

/** What a workflow's input asks for, paths made absolute. */
function studyRequest({ config, study, ops, concurrency, set, baseDir, workDir }: StudyInput): StudyRequest {
  const base = resolve(baseDir ?? process.cwd());
  return {
    config: typeof config === 'string' ? resolve(base, config) : config,
    study,
    set: set ?? {},
    baseDir: base,
    ...(workDir !== undefined && { workDir }),
    ...(ops !== undefined && { ops }),
    ...(concurrency !== undefined && { concurrency }),
  };
}
