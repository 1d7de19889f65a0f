import { expect } from 'vitest';
import { compileConfig } from '../../client/compile-config.ts';
import { formatDiagnostic } from '../../plan/diagnostic.ts';
import { jobsOf, type PlanJob } from '../../plan/plan.ts';

/** Jobs of a config in `<baseDir>/configs`, which compiles without a warning. */
export function compiledJobs(baseDir: string, config: string): PlanJob[] {
  const compiled = compileConfig({ config: `configs/${config}`, set: {}, baseDir });
  if (!compiled.ok) throw new Error(compiled.errors.map(formatDiagnostic).join('\n'));
  expect(compiled.warnings.map(formatDiagnostic)).toEqual([]);
  return jobsOf(compiled.plan);
}
