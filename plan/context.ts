import { getAt } from './dotted.ts';
import { type Json, type JsonObject, jobsOf, type Plan, type ResultRef } from './plan.ts';

/** Results by job id, then by output name. */
export type JobResults = ReadonlyMap<string, Readonly<Record<string, Json>>>;

/** Results of a trial as the user names them: `context[pipeline][meta_name][output]`. */
export type Context = Record<string, Record<string, Record<string, Json>>>;

/** Gathers results by name. Where jobs share a `meta_name` the first one's results stand, and others add what it does not have. */
export function contextOf(plan: Plan, results: JobResults): Context {
  const context: Context = {};
  for (const job of jobsOf(plan)) {
    const own = results.get(job.id);
    if (!own) continue;
    context[job.pipeline] ??= {};
    const pipeline = context[job.pipeline]!;
    pipeline[job.metaName] = { ...own, ...pipeline[job.metaName] };
  }
  return context;
}

/** The value that a reference names; undefined where the job has no such result. */
export function lookUp(results: JobResults, { job, output, nested }: ResultRef): Json | undefined {
  const own = results.get(job);
  if (!own || !Object.hasOwn(own, output)) return undefined;
  return nestedValue(own[output]!, nested);
}

/** What is at a path inside a result; undefined where nothing is. */
export function nestedValue(value: Json, nested: readonly string[]): Json | undefined {
  return nested.length === 0 ? value : getAt(value, nested.join('.'));
}

/** The value at a context key `<pipeline>.<meta_name>.<output>[.nested]`, where names may hold dots. */
export function lookUpKey(context: Context, key: string): Json | undefined {
  const walk = (holder: JsonObject, rest: string, depth: number): Json | undefined => {
    for (const [name, value] of Object.entries(holder)) {
      if (rest === name) return depth === 1 ? value : undefined;
      if (!rest.startsWith(`${name}.`)) continue;
      const after = rest.slice(name.length + 1);
      const found = depth === 1 ? getAt(value, after) : walk(value as JsonObject, after, depth - 1);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return walk(context as JsonObject, key, 3);
}
