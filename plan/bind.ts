import { basename, isAbsolute, join } from 'node:path';
import type { ComponentSpec } from './component.ts';
import { setAt } from './dotted.ts';
import { alsoWithin } from './made-paths.ts';
import type { Manifest } from './manifest.ts';
import type { Json, JsonObject, PathEdge, PlanJob, ResultRef } from './plan.ts';
import { applyOverride } from './recipe.ts';

/** What a job takes from the jobs before it, known when it runs. */
export interface Bindings {
  /** The value of a result, nested keys followed; undefined where there is none. */
  result(ref: ResultRef): Json | undefined;
  /** Absolute path of what an edge names. */
  edge(edge: PathEdge): string;
  /** The config in a YAML or JSON file. */
  recipe(path: string): JsonObject;
  /** Absolute folder that the job writes its outputs in. */
  out: string;
}

export interface BoundJob {
  config: PlanJob['config'];
  /** Absolute path inside `out` by the config key that names the output. */
  writes: Record<string, string>;
}

/**
 * The config as a job runs it, in this order: configs that are read late, what was set over them, op arguments from outside, results of
 * earlier jobs, their paths, paths from outside, outputs moved into `out`. Throws an Error that says what is missing.
 */
export function bindJob(job: PlanJob, bindings: Bindings): BoundJob {
  const config = structuredClone(job.config) as JsonObject;
  const put = (at: string, value: Json) => {
    const problem = setAt(config, at, value);
    if (problem) throw new Error(`${job.id}: cannot write ${at}: ${problem}`);
  };
  const resultOf = (from: string, ref: ResultRef): Json => {
    const value = bindings.result(ref);
    if (value === undefined)
      throw new Error(`${job.id}: ${ref.job} has no result "${[ref.output, ...ref.nested].join('.')}" (input ${from})`);
    return value;
  };
  for (const { into, from, ref } of job.inputs) {
    if (into.includes('.')) continue;
    const value = resultOf(from, ref);
    config[into] = over(config[into]!, typeof value === 'string' ? bindings.recipe(value) : (value as JsonObject));
  }
  for (const edge of job.edges) {
    if (!edge.at.includes('.')) config[edge.at] = over(config[edge.at]!, bindings.recipe(bindings.edge(edge)));
  }
  for (const { at, value } of job.settings ?? []) put(at, structuredClone(value));
  for (const override of job.overrides) if (config.dj_configs) applyOverride(config.dj_configs as JsonObject, override);
  for (const { into, from, ref } of job.inputs) if (into.includes('.')) put(into, structuredClone(resultOf(from, ref)));
  for (const edge of job.edges) if (edge.at.includes('.')) put(edge.at, bindings.edge(edge));
  for (const { at, path } of job.reads) put(at, path);
  const writes = outputsOf(job, bindings.out);
  for (const [at, path] of Object.entries(writes)) put(at, path);
  return { config: config as unknown as PlanJob['config'], writes };
}

/** What was read, with the expected config's values (defaults of the component) for keys that it does not have. */
function over(expected: Json, read: JsonObject): JsonObject {
  return { ...(expected as JsonObject | null), ...structuredClone(read) };
}

function outputsOf(job: PlanJob, out: string): Record<string, string> {
  const taken = new Set<string>();
  const wanted = [
    ...job.writes.map(({ at, named }) => ({ at, name: basename(named) || 'out' })),
    ...(job.unnamed ?? []).map(({ at, name }) => ({ at, name })),
  ];
  return Object.fromEntries(
    wanted.map(({ at, name }, i) => {
      const own = taken.has(name) ? `${i}-${name}` : name;
      taken.add(own);
      return [at, join(out, own)];
    }),
  );
}

/**
 * Absolute path of what an edge names, by the manifest of the job that made it in `dir`. What a component lists beside a named path is
 * looked up by the config as it ran: an earlier trial, whose result this is, may have named its outputs otherwise.
 */
export function edgePath(edge: PathEdge, producer: ComponentSpec | undefined, manifest: Manifest, dir: string): string {
  const made = manifest.writes[edge.write];
  if (made === undefined) throw new Error(`${edge.job} made nothing for ${edge.write}, where ${edge.path} is expected`);
  const output = isAbsolute(made) ? made : join(dir, made);
  const field = producer?.writes.find(each => each.at === edge.write);
  const within =
    edge.also === undefined || !field ? edge.within : alsoWithin(field, output, manifest.config)[edge.also];
  if (within === undefined) throw new Error(`${edge.job} did not make ${edge.path}`);
  return within === '' ? output : join(output, within);
}
