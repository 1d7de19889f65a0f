import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { compileConfig, countErrors, reportDiagnostics } from '../compile-config.ts';
import { CommandFailure } from '../failure.ts';

export interface WorkDirOptions {
  workDir?: string;
  config?: string;
}

/**
 * The folder whose cache is meant: `--work-dir`, or the `work_dir` of a config.
 * @throws CommandFailure where neither is given, or the config is wrong.
 */
export function cacheWorkDir({ workDir, config }: WorkDirOptions): string {
  if (workDir !== undefined && !existsSync(workDir))
    throw new CommandFailure(`--work-dir ${workDir}: there is no such folder`);
  if (workDir !== undefined) return resolve(workDir);
  if (config === undefined)
    throw new CommandFailure('--work-dir is missing: give the work_dir of your config, or --config FILE');
  const compiled = compileConfig({ config, set: {}, baseDir: process.cwd(), absent: 'warning' });
  if (compiled.ok) return compiled.plan.workDir;
  reportDiagnostics(compiled.errors);
  throw new CommandFailure(countErrors(config, compiled.errors));
}
