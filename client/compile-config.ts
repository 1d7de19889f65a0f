import { resolve } from 'node:path';
import { catalogue } from '../activities/catalogue.ts';
import { registry } from '../activities/components.ts';
import { files } from '../activities/runtime/files.ts';
import { compile } from '../plan/compile.ts';
import { type Diagnostic, formatDiagnostic } from '../plan/diagnostic.ts';
import type { Json, JsonObject, Plan } from '../plan/plan.ts';

export interface ConfigToCompile {
  /** Path of a sandbox config, relative to `baseDir`, or the config itself. */
  config: string | JsonObject;
  set: Record<string, Json>;
  workDir?: string | undefined;
  /** What relative paths are relative to. */
  baseDir: string;
  /** Whether a file that a job reads may be absent here. */
  absent?: 'error' | 'warning';
}

export type Compiled =
  | { ok: true; plan: Plan; warnings: Diagnostic[] }
  | { ok: false; errors: Diagnostic[]; warnings: Diagnostic[] };

/** Compiles a config as the trial's first iteration would. */
export function compileConfig({ config, set, workDir, baseDir, absent = 'error' }: ConfigToCompile): Compiled {
  const compiled = compile(
    {
      config: typeof config === 'string' ? resolve(baseDir, config) : config,
      set,
      baseDir,
      ...(workDir ? { workDir } : {}),
      iteration: 1,
      iterValues: {},
      absent,
    },
    registry,
    files,
    catalogue(),
  );
  if (compiled.ok) return compiled;
  const errors = compiled.diagnostics.filter(each => each.severity === 'error');
  return { ok: false, errors, warnings: compiled.diagnostics.filter(each => each.severity === 'warning') };
}

/** Says on stderr everything that is wrong with a config, a line each. */
export function reportDiagnostics(diagnostics: Diagnostic[]): void {
  for (const diagnostic of diagnostics) process.stderr.write(`${formatDiagnostic(diagnostic)}\n`);
}

/** `3 errors in sandbox.yaml`. */
export function countErrors(config: string | JsonObject, errors: Diagnostic[]): string {
  return `${errors.length} ${errors.length === 1 ? 'error' : 'errors'} in ${nameOf(config)}`;
}

/** A config's path, or what to call one that came without. */
export function nameOf(config: string | JsonObject): string {
  return typeof config === 'string' ? config : 'the config';
}
