// Compiles configs that live in memory, below /base.
import { type CompileRequest, type CompileResult, compile } from '../../plan/compile.ts';
import { formatDiagnostic } from '../../plan/diagnostic.ts';
import { jobsOf, type Plan, type PlanJob } from '../../plan/plan.ts';
import { CATALOGUE } from './catalogue.ts';
import { REGISTRY } from './registry.ts';

export const BASE = '/base';

/** Texts by path relative to /base; a path that ends with a slash is a folder. */
export type Texts = Record<string, string>;

/** Datasets and models that the configs of these tests name. */
export const DATA: Texts = { 'data/d.jsonl': '{}', 'models/base/': '', 'prompts.json': '[]' };

export function filesOf(texts: Texts) {
  const has = (path: string) => Object.hasOwn(texts, path);
  const inside = (path: string) => path.replace(`${BASE}/`, '');
  return {
    read: (path: string) => (has(inside(path)) ? texts[inside(path)]! : null),
    stat: (path: string) => {
      if (has(inside(path))) return 'file' as const;
      const folder = `${inside(path)}/`;
      return Object.keys(texts).some(each => each.startsWith(folder)) || path === BASE ? ('directory' as const) : null;
    },
  };
}

export function compiled(config: string, texts: Texts = {}, request: Partial<CompileRequest> = {}): CompileResult {
  const files = filesOf({ ...DATA, ...texts, 'sandbox.yaml': config });
  return compile({ config: `${BASE}/sandbox.yaml`, baseDir: BASE, ...request }, REGISTRY, files, CATALOGUE);
}

/** The plan of a config that is right; throws with its errors where it is not. */
export function planOf(config: string, texts: Texts = {}, request: Partial<CompileRequest> = {}): Plan {
  const result = compiled(config, texts, request);
  if (!result.ok) throw new Error(result.diagnostics.map(formatDiagnostic).join('\n'));
  return result.plan;
}

export function jobsIn(config: string, texts: Texts = {}, request: Partial<CompileRequest> = {}): PlanJob[] {
  return jobsOf(planOf(config, texts, request));
}

/** Everything that is said of a config, errors and warnings. */
export function saidOf(config: string, texts: Texts = {}, request: Partial<CompileRequest> = {}): string[] {
  const result = compiled(config, texts, request);
  return (result.ok ? result.warnings : result.diagnostics).map(formatDiagnostic);
}
