import { resolve } from 'node:path';
import { catalogue } from '../activities/catalogue.ts';
import { registry } from '../activities/components.ts';
import { files } from '../activities/runtime/files.ts';
import type { Diagnostic } from '../plan/diagnostic.ts';
import type { JsonObject, Plan } from '../plan/plan.ts';
import { namesSweep, resolveSweep, type SweepRequest, type SweepResolved } from '../plan/sweep/resolve-sweep.ts';
import type { SweepSpec } from '../plan/sweep/types.ts';
import { type ConfigToCompile, compileConfig } from './compile-config.ts';

/** A config with its sweep, as commands are asked for it. */
export interface SweepToResolve extends ConfigToCompile {
  /** Path of a sweep file, relative to `baseDir`, or what is in one; absent: the config's `hpo_config`. */
  sweep?: string | JsonObject | undefined;
  concurrency?: number | undefined;
  seed?: number | undefined;
}

/** Resolves the sweep of a config as the control worker would. */
export function resolveSweepOf(request: SweepToResolve): SweepResolved {
  return resolveSweep(asked(request), { registry, files, catalogue: catalogue() });
}

/** Whether a config names a sweep file (hpo_config): then it describes many trials. */
export function namesSweepFile(request: ConfigToCompile): boolean {
  return namesSweep(asked(request), files);
}

/** A config with what else it names, checked. `sweep`: what its sweep file means; null where it names none. */
export type Checked =
  | { ok: true; plan: Plan; warnings: Diagnostic[]; sweep: SweepSpec | null }
  | { ok: false; errors: Diagnostic[]; warnings: Diagnostic[] };

/** Compiles a config and, where it names a sweep file, checks that too: such a config is right where its trials are. */
export function compileWithSweep(request: ConfigToCompile): Checked {
  const compiled = compileConfig(request);
  if (!namesSweepFile(request)) return compiled.ok ? { ...compiled, sweep: null } : compiled;
  const sweep = resolveSweepOf(request);
  if (sweep.ok) return { ...sweep, plan: compiled.ok ? compiled.plan : sweep.plan, sweep: sweep.spec };
  const ofSeverity = (severity: string) => sweep.diagnostics.filter(each => each.severity === severity);
  return { ok: false, errors: ofSeverity('error'), warnings: ofSeverity('warning') };
}

function asked({
  config,
  set,
  workDir,
  baseDir,
  absent = 'error',
  sweep,
  concurrency,
  seed,
}: SweepToResolve): SweepRequest {
  return {
    config: typeof config === 'string' ? resolve(baseDir, config) : config,
    set,
    baseDir,
    absent,
    ...(workDir && { workDir }),
    ...(sweep !== undefined && { sweep }),
    ...(concurrency !== undefined && { concurrency }),
    ...(seed !== undefined && { seed }),
  };
}
