import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import { canonical } from './canonical.ts';
import type { ComponentRegistry, ComponentSpec } from './component.ts';
import { removeAt, setAt } from './dotted.ts';
import { type JsonObject, jobsOf, type Plan, type PlanJob, type ReadPath } from './plan.ts';

/** Raise it when the way in which keys are made changes: no earlier result is then found again. */
const KEY_FORMAT = 1;
const KEY_LENGTH = 20;

/** By what name a read's fingerprint is handed to `keyPlan`: two reads of one folder may count other things in it. */
export function fingerprintName({ path, content }: Pick<ReadPath, 'path' | 'content'>): string {
  return content ? `${path}/{${content.join(',')}}` : path;
}

/**
 * Fills in fingerprints and job keys. `fingerprints`: content hash by `fingerprintName` (or absolute path) of everything that `reads` name, null
 * for what is not there. `run` names the trial: a job with `cache: false` has a key of its own in each run and iteration. `runs` says by job
 * id whose result is taken instead. Throws where a fingerprint is missing, since a key without it would be that of other content.
 */
export function keyPlan(
  plan: Plan,
  registry: ComponentRegistry,
  fingerprints: ReadonlyMap<string, string | null>,
  run = '',
  runs: Readonly<Record<string, string>> = {},
): Plan {
  const keyed = structuredClone(plan);
  const keys = new Map<string, string>();
  for (const job of jobsOf(keyed)) {
    for (const read of job.reads) {
      const name = fingerprintName(read);
      const fingerprint = fingerprints.get(fingerprints.has(name) ? name : read.path);
      if (fingerprint === undefined)
        throw new Error(`no fingerprint of ${read.path}, which ${job.id} reads at ${read.at}`);
      read.fingerprint = fingerprint;
    }
    const spec = registry.find(each => each.name === job.component);
    const without = [...notInKey(spec), ...notInRecipe(spec, registry)];
    const material = keyMaterial(job, without, keys, jobsOf(keyed));
    const owner = runs[job.id] ?? (job.cache ? undefined : `${run}/${keyed.iteration}`);
    if (owner !== undefined) job.run = owner;
    job.key = keyOf(owner === undefined ? material : { ...material, run: owner });
    keys.set(job.id, job.key);
  }
  return keyed;
}

function keyOf(material: JsonObject): string {
  return createHash('sha256').update(canonical(material)).digest('hex').slice(0, KEY_LENGTH);
}

/** What makes a job the job that it is; nothing in it names the job, its outputs, or where anything lies. */
function keyMaterial(
  job: PlanJob,
  without: readonly string[],
  keys: ReadonlyMap<string, string>,
  jobs: readonly PlanJob[],
): JsonObject {
  const producer = (id: string) => {
    const key = keys.get(id);
    if (key === undefined) throw new Error(`${job.id} takes a result of ${id}, which does not run before it`);
    return key;
  };
  const material: JsonObject = {
    format: KEY_FORMAT,
    component: job.component,
    version: job.componentVersion,
    config: keyConfig(job, without),
    reads: Object.fromEntries(
      job.reads.map(({ at, path, placed, fingerprint }) => [at, placed ? [fingerprint, path] : fingerprint]),
    ),
    // The ending of an output's name chooses its format.
    formats: Object.fromEntries(
      job.writes.filter(write => write.kind === 'file').map(write => [write.at, extname(write.named)]),
    ),
    needs: Object.fromEntries(job.needs.map(need => [need.as, producer(need.job)])),
    inputs: {},
    edges: {},
  };
  for (const { into, ref } of job.inputs) {
    const outputs = jobs.find(each => each.id === ref.job)?.outputs ?? [];
    const result = outputs.indexOf(ref.output);
    (material.inputs as JsonObject)[into] = [producer(ref.job), result < 0 ? ref.output : result, ref.nested];
  }
  for (const edge of job.edges) {
    const within = edge.also === undefined ? edge.within : edge.also;
    (material.edges as JsonObject)[edge.at] = [producer(edge.job), edge.write, within];
  }
  if (isLate(job, 'dj_configs')) material.overrides = job.overrides.map(({ op, arg, value }) => [op, arg, value]);
  return material;
}

/** The config without what only says where things lie, and without what does not change the result. */
function keyConfig(job: PlanJob, without: readonly string[]): JsonObject {
  const config = structuredClone(job.config) as JsonObject;
  for (const root of ['dj_configs', 'extra_configs']) if (isLate(job, root)) config[root] = {};
  for (const { at, value } of job.settings ?? []) setAt(config, at, structuredClone(value));
  const out = [
    ...job.writes.map(write => write.at),
    ...(job.unnamed ?? []).map(write => write.at),
    ...job.reads.map(read => read.at),
    ...job.edges.map(edge => edge.at),
    ...job.inputs.map(input => input.into),
    ...without,
  ];
  for (const at of out) if (at.includes('.')) removeAt(config, at);
  return config;
}

function notInKey(spec: ComponentSpec | undefined): readonly string[] {
  return spec?.notInKey ?? [];
}

/** Of a job that makes a recipe: what the components that run recipes name anew or leave out of their own keys. */
function notInRecipe(spec: ComponentSpec | undefined, registry: ComponentRegistry): string[] {
  const makesRecipe = spec?.results.some(result => 'write' in result && result.recipeOf !== undefined) ?? false;
  if (!makesRecipe) return [];
  const ats = registry
    .filter(each => each.recipe)
    .flatMap(each => [...notInKey(each), ...each.writes.map(write => write.at)]);
  return ats.filter(at => at.startsWith('dj_configs.'));
}

/** The config as a whole is read when the job runs. */
function isLate(job: PlanJob, root: string): boolean {
  return job.inputs.some(input => input.into === root) || job.edges.some(edge => edge.at === root);
}
