import { resolve } from 'node:path';
import { formatDiagnostic } from '../../../plan/diagnostic.ts';
import type { Plan } from '../../../plan/plan.ts';
import type { StudyInput, StudyOpened, TrialRef } from '../../../plan/protocol.ts';
import { resolveStudy, type StudyRequest } from '../../../plan/study/resolve-study.ts';
import { studyInputProblem } from '../../../plan/study-input.ts';
import { catalogue } from '../../catalogue.ts';
import { registry } from '../../components.ts';
import { files } from '../../runtime/files.ts';
import { configError } from '../config-error.ts';
import { openedIn, resolvedOrFail } from '../opened.ts';

/** It travels in the workflow's history. */
const MAX_SPEC_CHARS = 48 * 1024;

/**
 * Finds out what a pool study is: its file, its recipe, its config compiled on the recipe's data; every error of every file is in the failure.
 * `onPlan` is told of a plan of its config.
 */
export async function openStudy(
  { input, study }: { input: StudyInput; study: TrialRef },
  onPlan: (plan: Plan) => void = () => {},
): Promise<StudyOpened> {
  const problem = studyInputProblem(input);
  if (problem !== null) throw configError([problem]);
  const resolved = resolvedOrFail(resolveStudy(studyRequest(input), { registry, files, catalogue: catalogue() }));
  const { spec, plan, warnings } = resolved;
  const characters = JSON.stringify(spec).length;
  if (characters > MAX_SPEC_CHARS)
    throw configError([
      `the recipe and the study file take ${Math.ceil(characters / 1024)} KiB, a study can have ${MAX_SPEC_CHARS / 1024}: name fewer ops`,
    ]);
  onPlan(plan);
  const notes = warnings.map(formatDiagnostic);
  return {
    spec,
    ...openedIn(plan, { folder: 'studies', id: study.id, given: input.baseDir, notes }),
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
