import { join } from 'node:path';
import { clip } from '../../plan/clip.ts';
import { type Diagnostic, formatDiagnostic } from '../../plan/diagnostic.ts';
import type { Plan } from '../../plan/plan.ts';
import { safeName } from '../runtime/safe-name.ts';
import { configError, notRunnable } from './config-error.ts';

const MAX_NOTES = 20;
const NOTE_CHARS = 500;

/** What a sweep or study has in common when it has been read. */
export interface Opened {
  project: string;
  experiment: string;
  workDir: string;
  /** Its own folder. */
  dir: string;
  notes: string[];
}

/** What can be opened, or a failure with every error of every file. */
export function resolvedOrFail<T extends { plan: Plan }>(
  resolved: ({ ok: true } & T) | { ok: false; diagnostics: Diagnostic[] },
): T {
  if (!resolved.ok)
    throw configError(resolved.diagnostics.filter(one => one.severity === 'error').map(formatDiagnostic));
  const unable = notRunnable(resolved.plan);
  if (unable.length > 0) throw configError(unable);
  return resolved;
}

/** `folder`: of the work_dir, where all of this kind are; `given`: the input's baseDir. */
export function openedIn(
  plan: Plan,
  { folder, id, given, notes }: { folder: string; id: string; given: string | undefined; notes: string[] },
): Opened {
  const guessed =
    given === undefined
      ? [`relative paths start at ${plan.baseDir}, the control worker's folder (baseDir was not given)`]
      : [];
  return {
    project: plan.projectName,
    experiment: plan.experimentName,
    workDir: plan.workDir,
    dir: join(plan.workDir, folder, safeName(id)),
    notes: [...guessed, ...notes].slice(0, MAX_NOTES).map(note => clip(note, NOTE_CHARS)),
  };
}
