// From a sandbox config and its sweep file to what the sweep is, or to every error of both.
import { isAbsolute, join } from 'node:path';
import { type CompileRequest, type ConfigFiles, compile, sorted } from '../compile.ts';
import type { ComponentRegistry } from '../component.ts';
import { type Diagnostic, type Place, Problems } from '../diagnostic.ts';
import { inlineSource } from '../inline-source.ts';
import type { OpCatalogue } from '../op-catalogue.ts';
import { Origin } from '../origin.ts';
import { displayPath } from '../paths.ts';
import { type Json, type JsonObject, jobsOf, type Plan } from '../plan.ts';
import type { RungPlan } from '../protocol.ts';
import { rungJob } from '../rung-job.ts';
import { parseSource, type Source } from '../source.ts';
import { checkSpace } from './check-space.ts';
import { rungSteps, waitsAtRungs } from './early-termination.ts';
import { CONCURRENCY, readSweep, SEED, type SweepRead } from './read-sweep.ts';
import { type Key, said } from './reading.ts';
import type { Point, SweepSpec } from './types.ts';

/** What a sweep is resolved from. */
export interface SweepRequest extends Pick<CompileRequest, 'config' | 'set' | 'baseDir' | 'workDir' | 'absent'> {
  /** Path of a sweep file, or what is in one; absent: the config's `hpo_config`. */
  sweep?: string | JsonObject;
  /** Over the file's own. */
  concurrency?: number;
  seed?: number;
}

/** What `compile` needs besides the config. */
export interface CompileWith {
  registry: ComponentRegistry;
  files: ConfigFiles;
  catalogue: OpCatalogue;
}

interface RungContext {
  source: Source;
  plan: Plan | null;
  use: CompileWith;
  problems: Problems;
}

export type SweepResolved =
  | { ok: true; spec: SweepSpec; plan: Plan; rungs: RungPlan | null; warnings: Diagnostic[]; notes: string[] }
  | { ok: false; diagnostics: Diagnostic[] };

/** Resolves a sweep: reads its file, compiles the config at points of its space, and finds where trials tell how they go. */
export function resolveSweep(request: SweepRequest, use: CompileWith): SweepResolved {
  const problems = new Problems();
  const source = sweepSource(request, use.files, problems);
  const read = source === null ? null : readSweep(source);
  for (const diagnostic of read?.reading.problems.list ?? []) problems.add(diagnostic);
  const checked = checkSpace(read ?? { space: [], origins: new Map() }, point => compileAt(request, use, point));
  for (const diagnostic of checked.diagnostics) problems.add(diagnostic);
  if (read) tellSetTwice(read, request.set ?? {}, problems);
  const spec = read?.spec && overridden(read.spec, request, problems);
  const rungs = spec && source && rungsOf(read, spec, { source, plan: checked.plan, use, problems });
  if (!spec || !checked.plan || problems.errors.length > 0) return { ok: false, diagnostics: sorted(problems.list) };
  const notes = [...checked.plan.notes, ...read.reading.notes];
  return { ok: true, spec, plan: checked.plan, rungs: rungs ?? null, warnings: sorted(problems.warnings), notes };
}

/** Compiles the config as a trial with these values would. */
export function compileAt({ config, set, baseDir, workDir, absent }: SweepRequest, use: CompileWith, point: Point) {
  const request: CompileRequest = {
    config,
    baseDir,
    set: { ...set, ...point },
    publishNamed: false,
    ...(workDir !== undefined && { workDir }),
    ...(absent !== undefined && { absent }),
  };
  return compile(request, use.registry, use.files, use.catalogue);
}

/** The sweep file that is meant; null where there is none, which is told. */
export function sweepSource(request: SweepRequest, files: ConfigFiles, problems: Problems): Source | null {
  const { sweep, baseDir } = request;
  if (sweep !== undefined && typeof sweep !== 'string') return inlineSource('sweep', sweep);
  const named = typeof sweep === 'string' ? { path: sweep, place: placeOf(sweep) } : hpoConfig(request, files);
  // Of a config that is not there, compile tells.
  if (named === null && typeof request.config === 'string' && files.stat(request.config) !== 'file') return null;
  if (named === null) {
    const file = typeof request.config === 'string' ? displayPath(request.config, baseDir) : 'config';
    const message = 'there is no sweep file; name one by `hpo_config: <path>` in the config, or give one beside it';
    problems.error(placeOf(file, 'hpo_config'), message);
    return null;
  }
  const path = isAbsolute(named.path) ? named.path : join(baseDir, named.path);
  const text = files.read(path);
  if (text !== null) return parseSource(displayPath(path, baseDir), text);
  const what = files.stat(path) === 'directory' ? `${named.path} is a folder` : `there is no file ${named.path}`;
  problems.error(named.place, `${what}; give the path of a sweep file (YAML or JSON)`);
  return null;
}

const placeOf = (file: string, path = ''): Place => ({ file, line: 0, col: 0, path });

/** Whether a config names a sweep file. */
export const namesSweep = (request: SweepRequest, files: ConfigFiles): boolean => hpoConfig(request, files) !== null;

/** The path that the config, or what is set from outside, names. */
function hpoConfig({ config, set, baseDir }: SweepRequest, files: ConfigFiles): { path: string; place: Place } | null {
  const given = set?.hpo_config;
  if (given !== undefined)
    return typeof given === 'string' ? { path: given, place: placeOf('--set', 'hpo_config') } : null;
  const text = typeof config === 'string' ? files.read(config) : null;
  if (typeof config === 'string' && text === null) return null;
  const source =
    typeof config === 'string' ? parseSource(displayPath(config, baseDir), text ?? '') : inlineSource('config', config);
  const path = source.value?.hpo_config;
  return typeof path === 'string' ? { path, place: new Origin(source).place(['hpo_config']) } : null;
}

/** A value that is set for all trials is no parameter. */
function tellSetTwice({ space, origins }: SweepRead, set: Record<string, Json>, problems: Problems): void {
  for (const { name } of space) {
    if (Object.hasOwn(set, name))
      problems.error(
        origins.get(name)!.place([], 'key'),
        `${name} is set from outside too, for all trials; leave one out`,
      );
  }
}

function overridden(spec: SweepSpec, { concurrency, seed }: SweepRequest, problems: Problems): SweepSpec {
  const given: [string, number | undefined, Key][] = [
    ['concurrency', concurrency, CONCURRENCY],
    ['seed', seed, SEED],
  ];
  for (const [path, value, { expected, fits }] of given) {
    if (value !== undefined && !fits(value))
      problems.error({ file: 'input', line: 0, col: 0, path }, `expected ${expected}, got ${said(value)}`);
  }
  return { ...spec, concurrency: concurrency ?? spec.concurrency, seed: seed ?? spec.seed };
}

/** Where trials tell how they go: by a metric of a training's log, which early termination needs. */
function rungsOf(read: SweepRead, spec: SweepSpec, { source, plan, use, problems }: RungContext): RungPlan | null {
  const { earlyTerminate, metrics } = spec;
  if (earlyTerminate === null || plan === null) return null;
  const { name, goal } = earlyTerminate.metric ?? metrics[0]!;
  const waits = waitsAtRungs(earlyTerminate);
  const rungs = { metric: name, goal, steps: rungSteps(earlyTerminate), waits };
  const found = rungJob(jobsOf(plan), use.registry, rungs);
  if (typeof found === 'string') {
    const hint = earlyTerminate.metric
      ? ''
      : '; give early_terminate a `metric: {name: loss, goal: minimize}` of its own';
    problems.error(new Origin(source).place(['early_terminate', 'metric']), `${found.replace(/^rungs: /, '')}${hint}`);
    return null;
  }
  if (waits && !found.rungs.waits)
    read.reading.notes.push(
      `early_terminate: ${found.job.component} saves no checkpoints, so that trials do not wait at rungs.`,
    );
  return { ...rungs, waits: found.rungs.waits };
}
