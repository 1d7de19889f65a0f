// From a sandbox config and a study file to what the study is, or to every error of both.
import { isAbsolute, join } from 'node:path';
import { type CompileRequest, compile, sorted } from '../compile.ts';
import { type Diagnostic, Problems } from '../diagnostic.ts';
import { isObject } from '../dotted.ts';
import { inlineSource } from '../inline-source.ts';
import { findOp, type OpCatalogue } from '../op-catalogue.ts';
import { Origin } from '../origin.ts';
import { displayPath } from '../paths.ts';
import { type Json, type JsonObject, jobsOf, type Plan } from '../plan.ts';
import { checkRecipe } from '../recipe.ts';
import { applySchema } from '../schema.ts';
import { parseSource, type Source } from '../source.ts';
import { didYouMeanOf } from '../suggest.ts';
import type { CompileWith } from '../sweep/resolve-sweep.ts';
import { stepConfig } from './pool-trials.ts';
import { DEFAULTS, type StudyFile, studySchema } from './study-schema.ts';
import type { StudiedOp, StudySpec } from './types.ts';

/** What a study is resolved from. */
export interface StudyRequest extends Pick<CompileRequest, 'config' | 'set' | 'baseDir' | 'workDir'> {
  /** Path of a study file, or what is in one. */
  study: string | JsonObject;
  /** Over the file's own. */
  ops?: string[];
  concurrency?: number;
}

export type StudyResolved =
  | { ok: true; spec: StudySpec; plan: Plan; warnings: Diagnostic[] }
  | { ok: false; diagnostics: Diagnostic[] };

/** Each has three pools, and what is known of them travels in the workflow. */
const MOST_STATS = 32;
const MOST_TRIALS = 5_000;

/** What all steps of resolving one study share. */
interface Resolving {
  request: StudyRequest;
  use: CompileWith;
  problems: Problems;
  origin: Origin;
  file: StudyFile;
}

/** A recipe as a study needs it. */
interface RecipeRead {
  path: string;
  recipe: JsonObject;
  ops: StudiedOp[];
}

/** Resolves a study: reads its file and the recipe, and compiles what its trials run. */
export function resolveStudy(request: StudyRequest, use: CompileWith): StudyResolved {
  const problems = new Problems();
  const source = studySource(request, use, problems);
  const origin = source && new Origin(source);
  const file = origin && readFile(request, source, origin, problems);
  if (!origin || !file) return { ok: false, diagnostics: sorted(problems.list) };
  const resolving: Resolving = { request, use, problems, origin, file };
  const read = readRecipe(resolving);
  const plan = compileTrial(resolving, read);
  const spec = read && specOf(resolving, read);
  if (spec && plan) checkSplit(resolving, spec, plan);
  if (spec) checkCounts(resolving, spec);
  if (!spec || !plan || problems.errors.length > 0) return { ok: false, diagnostics: sorted(problems.list) };
  return { ok: true, spec, plan, warnings: sorted(problems.warnings) };
}

function studySource({ study, baseDir }: StudyRequest, { files }: CompileWith, problems: Problems): Source | null {
  const source =
    typeof study === 'string'
      ? fileSource(study, baseDir, files.read(absolute(study, baseDir)))
      : inlineSource('study', study);
  if (source === null) {
    const what =
      files.stat(absolute(study as string, baseDir)) === 'directory' ? 'this is a folder' : 'there is no such file';
    const place = { file: displayPath(absolute(study as string, baseDir), baseDir), line: 0, col: 0, path: '' };
    problems.error(place, `${what}; give the path of a study file (YAML or JSON)`);
    return null;
  }
  for (const diagnostic of source.diagnostics) problems.add(diagnostic);
  return source;
}

function fileSource(path: string, baseDir: string, text: string | null): Source | null {
  return text === null ? null : parseSource(displayPath(absolute(path, baseDir), baseDir), text);
}

const absolute = (path: string, baseDir: string): string => (isAbsolute(path) ? path : join(baseDir, path));

/** The file's values; null where something is wrong with them. */
function readFile(
  { ops, concurrency }: StudyRequest,
  { value }: Source,
  origin: Origin,
  problems: Problems,
): StudyFile | null {
  if (value === null) return null;
  const given: JsonObject = { ...value, ...(ops && { ops }), ...(concurrency !== undefined && { concurrency }) };
  const checked = applySchema(studySchema, given, () => false);
  for (const { at, key, message } of checked.problems) {
    const path = at.split('.').map(part => (/^\d+$/.test(part) ? Number(part) : part));
    const isInput = (path[0] === 'ops' && ops) || (path[0] === 'concurrency' && concurrency !== undefined);
    const place = isInput ? { file: 'input', line: 0, col: 0, path: at } : origin.place(path, key ? 'key' : 'value');
    problems.error(place, message);
  }
  return checked.problems.length > 0 ? null : (checked.value as StudyFile);
}

function readRecipe({ request, use, problems, origin, file }: Resolving): RecipeRead | null {
  const path = absolute(file.recipe, request.baseDir);
  const source = fileSource(file.recipe, request.baseDir, use.files.read(path));
  if (source === null) {
    const what =
      use.files.stat(path) === 'directory' ? `${file.recipe} is a folder` : `there is no file ${file.recipe}`;
    problems.error(origin.place(['recipe']), `${what}; give the path of a Data-Juicer recipe`);
    return null;
  }
  for (const diagnostic of source.diagnostics) problems.add(diagnostic);
  if (source.value === null) return null;
  const found = new Origin(source);
  const wrong = checkRecipe(source.value, use.catalogue);
  for (const { at, key, message } of wrong) {
    const parts = at.split('.').map(part => (/^\d+$/.test(part) ? Number(part) : part));
    problems.error(found.place(parts, key ? 'key' : 'value'), message);
  }
  if (typeof source.value.dataset_path !== 'string') {
    problems.error(
      found.place(['dataset_path']),
      '"dataset_path" is missing; a study splits the dataset of its recipe',
    );
    return null;
  }
  return wrong.length > 0
    ? null
    : { path, recipe: source.value, ops: studiedOps({ request, use, problems, origin, file }, source.value) };
}

/** Ops of the recipe whose stats the data is split by; what is named and cannot be is told. */
function studiedOps(
  { request, use: { catalogue }, problems, origin, file }: Resolving,
  recipe: JsonObject,
): StudiedOp[] {
  const all = opsWithStats(recipe, catalogue);
  const able = all.filter(({ stats }) => stats.length > 0);
  const placeOf = (i: number) =>
    request.ops ? { file: 'input', line: 0, col: 0, path: `ops[${i}]` } : origin.place(['ops', i]);
  if (!file.ops) {
    if (able.length === 0)
      problems.error(
        origin.place(['recipe']),
        `no op of ${file.recipe} writes stats, so that nothing can be split by them; give it filters`,
      );
    return able;
  }
  return file.ops.flatMap((name, i) => {
    const found = able.find(({ op }) => op === name);
    if (found) return [found];
    const names = able.map(({ op }) => op);
    const isThere = all.some(({ op }) => op === name);
    problems.error(
      placeOf(i),
      isThere
        ? `${name} writes no stats, so that nothing can be split by it; ops of ${file.recipe} that do: ${names.join(', ') || 'none'}`
        : `${file.recipe} has no op "${name}"; ${didYouMeanOf(name, names)}`,
    );
    return [];
  });
}

/** The first use of each op. */
function opsWithStats(recipe: JsonObject, catalogue: OpCatalogue): StudiedOp[] {
  const process = Array.isArray(recipe.process) ? recipe.process : [];
  const ops = process.flatMap((item, index) => {
    const [op] = isObject(item) ? Object.keys(item) : [];
    return op === undefined ? [] : [{ op, index, stats: findOp(catalogue, op)?.stats ?? [] }];
  });
  return ops.filter(({ op }, i) => ops.findIndex(each => each.op === op) === i);
}

/** Compiles the config as a trial on the recipe's own dataset; null where it is in error. */
function compileTrial({ request, use, problems, origin, file }: Resolving, read: RecipeRead | null): Plan | null {
  const dataset = read ? String(read.recipe.dataset_path) : '<dataset>';
  const seeds = seedsOf(file);
  const own: Record<string, Json> = { [file.dataset]: absolute(dataset, request.baseDir) };
  if (file.seed) own[file.seed] = seeds[0]!;
  for (const [key, path] of Object.entries({ dataset: file.dataset, seed: file.seed }))
    if (path && Object.hasOwn(request.set ?? {}, path))
      problems.error(origin.place([key]), `${path} is set from outside too, for all trials; leave that out`);
  const { config, set, baseDir, workDir } = request;
  const compiled = compile(
    {
      config,
      set: { ...set, ...own },
      baseDir,
      publishNamed: false,
      ...(workDir !== undefined && { workDir }),
      ...(!read && { absent: 'warning' as const }),
    },
    use.registry,
    use.files,
    use.catalogue,
  );
  const diagnostics = compiled.ok ? compiled.warnings : compiled.diagnostics;
  for (const diagnostic of diagnostics) problems.add(inStudyFile(diagnostic, origin, file));
  if (!compiled.ok) return null;
  checkTrial({ request, use, problems, origin, file }, compiled.plan, read && own[file.dataset]!);
  return compiled.plan;
}

/** What is wrong with a value that the study sets is told where its file says where to set it. */
function inStudyFile(diagnostic: Diagnostic, origin: Origin, { dataset, seed }: StudyFile): Diagnostic {
  if (diagnostic.file !== '--set') return diagnostic;
  const key = diagnostic.path === dataset ? 'dataset' : diagnostic.path === seed ? 'seed' : null;
  if (key === null) return diagnostic;
  return { ...diagnostic, ...origin.place([key]), message: `${diagnostic.path}: ${diagnostic.message}` };
}

/** Whether a job of the trial reads the dataset, and one tells the metric. */
function checkTrial({ problems, origin, file }: Resolving, plan: Plan, dataset: Json | null): void {
  const jobs = jobsOf(plan);
  if (dataset !== null && !jobs.some(job => job.reads.some(({ path }) => path === dataset)))
    problems.error(
      origin.place(['dataset']),
      `no job reads a dataset that is set at ${file.dataset}; name the key of the job that takes it first`,
    );
  const names = [...new Set(jobs.map(job => job.metaName))];
  if (!names.some(name => file.metric.name.startsWith(`${name}.`)))
    problems.error(
      origin.place(['metric', 'name']),
      `no job of the config has such a meta_name; expected <meta_name>.<metric>, where meta_name is one of ${names.join(', ')}`,
    );
}

function seedsOf({ seeds }: StudyFile): number[] {
  if (Array.isArray(seeds)) return seeds;
  return Array.from({ length: seeds ?? DEFAULTS.seeds }, (_, i) => i + 1);
}

function specOf({ request, file }: Resolving, { path, recipe, ops }: RecipeRead): StudySpec {
  const process = Array.isArray(recipe.process) ? recipe.process : [];
  const dataset = absolute(String(recipe.dataset_path), request.baseDir);
  return {
    name: file.name ?? null,
    description: file.description ?? null,
    recipe: { path, analysis: { ...recipe, dataset_path: dataset, process: ops.map(({ index }) => process[index]!) } },
    ops,
    dataset: file.dataset,
    seed: file.seed ?? null,
    seeds: seedsOf(file),
    metric: file.metric,
    splitRatios: file.split_ratios ?? null,
    samples: file.samples ?? null,
    minSamples: file.min_samples ?? null,
    sampleSeed: file.sample_seed ?? DEFAULTS.sampleSeed,
    combine: Math.min(file.combine ?? DEFAULTS.combine, statsOf(ops)),
    repeat: file.repeat ?? [...DEFAULTS.repeat],
    test: file.test ?? DEFAULTS.test,
    alpha: file.alpha ?? DEFAULTS.alpha,
    concurrency: file.concurrency ?? DEFAULTS.concurrency,
    exportRecipe: file.export_recipe ? absolute(file.export_recipe, request.baseDir) : null,
  };
}

const statsOf = (ops: readonly StudiedOp[]): number => ops.reduce((sum, { stats }) => sum + stats.length, 0);

/** Compiles what analyses and splits the data, so that a recipe that does not run is told now. */
function checkSplit({ request, use, problems, origin, file }: Resolving, spec: StudySpec, plan: Plan): void {
  const { projectName: project, experimentName: experiment, workDir } = plan;
  const dir = join(workDir, 'studies', 'study');
  const config = stepConfig({ step: 'split' }, { spec, project, experiment, workDir, dir, notes: [] });
  const compiled = compile(
    { config, baseDir: request.baseDir, publishNamed: false },
    use.registry,
    use.files,
    use.catalogue,
  );
  if (compiled.ok) return;
  for (const { path, message, severity } of compiled.diagnostics) {
    if (severity !== 'error') continue;
    const key = path.endsWith('split_ratios') ? 'split_ratios' : 'recipe';
    problems.error(origin.place([key]), key === 'recipe' ? `${file.recipe}: ${message}` : message);
  }
}

function checkCounts({ problems, origin, file }: Resolving, spec: StudySpec): void {
  const { ops, seeds, samples, minSamples } = spec;
  const stats = statsOf(ops);
  if (stats > MOST_STATS)
    problems.error(
      origin.place(['ops']),
      `the ops write up to ${stats} stats, a study can have ${MOST_STATS}: name fewer in ops`,
    );
  if (file.combine != null && file.combine > stats && stats > 0)
    problems.error(
      origin.place(['combine']),
      `${file.combine} operators are to be combined, and there ${stats === 1 ? 'is' : 'are'} ${stats} (${ops.map(({ op }) => op).join(', ')}); give at most so many`,
    );
  if (seeds.length > 1 && spec.seed === null)
    problems.error(
      origin.place(['seeds']),
      `"seed" is missing: ${seeds.length} seeds need a key of the config that takes them, such as <meta_name>.extra_configs.train.training_config.seed; without one give \`seeds: 1\``,
    );
  if (samples !== null && minSamples !== null && minSamples > samples)
    problems.error(origin.place(['min_samples']), `expected at most the ${samples} of samples, got ${minSamples}`);
  const trials = seeds.length * (3 * stats + 2 ** spec.combine + 1 + spec.repeat.length);
  if (trials > MOST_TRIALS)
    problems.error(
      origin.place(['seeds']),
      `these are up to ${trials} trials, a study can have ${MOST_TRIALS}: take fewer seeds, ops or combinations`,
    );
}
