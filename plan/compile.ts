import { isAbsolute, join } from 'node:path';
import { type CompileRequest, Compiling, type ConfigFiles } from './compiling.ts';
import type { ComponentRegistry } from './component.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { Draft } from './draft.ts';
import { readDurability } from './durability.ts';
import { type Globals, readGlobals, readJobs } from './grammar.ts';
import { inlineSource } from './inline-source.ts';
import { readIterations } from './iterations.ts';
import { draftJob } from './job.ts';
import { jobListsOf } from './job-lists.ts';
import { type MissingRead, tellMissing } from './job-paths.ts';
import { jsonCopy } from './json-copy.ts';
import type { OpCatalogue } from './op-catalogue.ts';
import { ConfigPlaces, Origin } from './origin.ts';
import { displayPath } from './paths.ts';
import type { Plan, PlanJob, PlanPipeline } from './plan.ts';
import { opsOf } from './recipe.ts';
import { applyGlobalSettings, type GivenSetting, givenSettings, type OpSetting, readSettings } from './set.ts';
import type { Source } from './source.ts';
import { didYouMean } from './suggest.ts';
import { readWatching } from './watching.ts';

export type { CompileRequest, ConfigFiles } from './compiling.ts';

export type CompileResult = { ok: true; plan: Plan; warnings: Diagnostic[] } | { ok: false; diagnostics: Diagnostic[] };

/**
 * Compiles a sandbox config to a plan, or to every error of every file at once. Pure: files and components are handed in.
 * `baseDir`, a config's path and the paths asked of `files` are absolute.
 */
export function compile(
  request: CompileRequest,
  registry: ComponentRegistry,
  files: ConfigFiles,
  catalogue: OpCatalogue,
): CompileResult {
  const c = new Compiling(request, registry, files, catalogue);
  const plan = compileConfig(c);
  if (plan === null || c.problems.errors.length > 0) return { ok: false, diagnostics: sorted(c.problems.list) };
  return { ok: true, plan, warnings: sorted(c.problems.warnings) };
}

function compileConfig(c: Compiling): Plan | null {
  const source = mainSource(c);
  if (!source?.value) return null;
  const origin = new Origin(source);
  const given = givenSettings(c, source.value, origin);
  const { config, globals: set } = applyGlobalSettings(c, source.value, given);
  const places = globalPlaces(origin, set);
  const globals = readGlobals(c, config, places);
  const raws = readJobs(c, config, origin);
  const settings = readSettings(c, raws, given);
  const durability = readDurability(c, globals.durability ?? {}, (key, what) =>
    places.place(`config.durability.${key}`, what),
  );
  const drafts: Draft[] = [];
  const missing: MissingRead[] = [];
  for (const [i, raw] of raws.entries()) {
    const context = {
      earlier: drafts,
      later: raws.slice(i + 1),
      settings: settings.of(raw),
      ops: settings.ops,
      onFailure: globals.on_failure ?? 'fail',
      durability,
    };
    const { draft, missing: more } = draftJob(c, raw, context);
    const twin = drafts.find(each => each.id === draft.id);
    if (twin) c.error(raw.origin.place(), `this job and another would both be called ${draft.id}; rename its pipeline`);
    drafts.push(draft);
    missing.push(...more);
  }
  tellMissing(c, missing, drafts);
  tellUnusedOps(c, settings.ops, drafts);
  const iterations = readIterations(c, globals, places, drafts);
  const watching = readWatching(c, globals, places);
  tellNotes(c, globals, origin);
  return { ...header(c, globals), ...iterations, ...watching, ...body(c, drafts) };
}

function mainSource(c: Compiling): Source | null {
  const { config } = c.request;
  if (typeof config !== 'string') {
    const source = inlineSource('config', config);
    for (const diagnostic of source.diagnostics) c.problems.add(diagnostic);
    return source;
  }
  const source = c.source(config);
  if (source === null) {
    const what = c.files.stat(config) === 'directory' ? 'this is a folder' : 'there is no such file';
    c.error(
      { file: displayPath(config, c.baseDir), line: 0, col: 0, path: '' },
      `${what}; give the path of a sandbox config (YAML or JSON)`,
    );
  }
  return source;
}

/** Places of the global keys, as if they were one config called `config`. */
function globalPlaces(origin: Origin, set: readonly GivenSetting[]): ConfigPlaces {
  const places = new ConfigPlaces();
  places.setRoot('config', origin);
  for (const { path, place } of set) places.write(`config.${path}`, place);
  return places;
}

function tellUnusedOps(c: Compiling, ops: readonly OpSetting[], drafts: readonly Draft[]): void {
  const known = new Set(drafts.filter(draft => draft.spec?.recipe).flatMap(draft => opsOf(draft.config.dj_configs)));
  for (const { op, place, used } of ops) {
    if (used) continue;
    // A job in error may be the one whose recipe has the op.
    if (drafts.some(draft => draft.spec === null || draft.unknown.has('dj_configs'))) continue;
    c.error(place, `no recipe of this config has op "${op}"; ${didYouMean(op, known)}`);
  }
}

function tellNotes(c: Compiling, globals: Globals, origin: Origin): void {
  c.notes.unshift(`Relative paths start at ${c.baseDir}.`);
  if (globals.resume !== undefined) {
    c.note(
      `resume: ${globals.resume}: a finished job with the same key is found again either way; set \`cache: false\` on a job to run it again.`,
    );
  }
  const { hpo_config: hpo } = globals;
  // Trials of a sweep do not read its file.
  if (hpo === undefined || c.request.publishNamed === false) return;
  c.note(`hpo_config: ${hpo} describes a sweep; this is the one trial that the config describes.`);
  if (c.files.stat(isAbsolute(hpo) ? hpo : join(c.baseDir, hpo)) !== 'file') {
    c.error(origin.place(['hpo_config']), `there is no file ${hpo}; give the path of a sweep file, or null`);
  }
}

function header(c: Compiling, globals: Globals) {
  const { baseDir, workDir, iteration = 1, publishNamed = true } = c.request;
  const projectName = globals.project_name ?? 'sandbox';
  const folder = workDir ?? globals.work_dir ?? join('outputs', projectName);
  return {
    version: 1 as const,
    projectName,
    experimentName: globals.experiment_name ?? projectName,
    workDir: isAbsolute(folder) ? join(folder) : join(baseDir, folder),
    baseDir,
    iteration,
    publishNamed,
  };
}

function body(c: Compiling, drafts: readonly Draft[]): Pick<Plan, 'notes' | 'sources' | 'pipelines'> {
  const names = [...new Set(drafts.map(draft => draft.pipeline))];
  const pipelines = names.map((name): PlanPipeline => {
    const own = drafts.filter(draft => draft.pipeline === name);
    const stages = jobListsOf(c.registry).map(({ stage }) => ({
      name: stage,
      jobs: own.filter(draft => draft.stage === stage).map(planJob),
    }));
    return { name, stages: stages.filter(stage => stage.jobs.length > 0) };
  });
  const sources = [...c.sources].map(([path, sha256]) => ({ path, sha256 }));
  return { notes: c.notes, sources, pipelines };
}

function planJob(draft: Draft): PlanJob {
  const claims = draft.spec?.claims === true || draft.resources.gpus > 0;
  return {
    id: draft.id,
    pipeline: draft.pipeline,
    stage: draft.stage,
    n: draft.n,
    hook: draft.hook,
    metaName: draft.metaName,
    type: draft.type,
    component: draft.spec?.name ?? '',
    componentVersion: draft.spec?.version ?? 0,
    resources: draft.resources,
    claims,
    cache: draft.cache,
    onFailure: draft.onFailure,
    ...(claims && { durability: draft.durability }),
    config: { dj_configs: jsonCopy(draft.config.dj_configs), extra_configs: jsonCopy(draft.config.extra_configs) },
    inputs: draft.inputs,
    edges: draft.edges,
    needs: draft.needs,
    reads: draft.reads,
    writes: draft.writes,
    ...(draft.unnamed.length > 0 && { unnamed: draft.unnamed }),
    outputs: draft.outputs,
    overrides: draft.overrides,
    ...(draft.settings.length > 0 && { settings: draft.settings }),
    parts: draft.parts,
    key: null,
  };
}

/** By file in the order in which they were first complained of, then by position. */
export function sorted(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const files = [...new Set(diagnostics.map(each => each.file))];
  return [...diagnostics].sort(
    (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.col - b.col,
  );
}
