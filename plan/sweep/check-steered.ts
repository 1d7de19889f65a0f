// What a user steers a sweep to, checked as its file is: another space, points of their own.
import { Problems } from '../diagnostic.ts';
import { inlineSource } from '../inline-source.ts';
import { Origin } from '../origin.ts';
import type { JsonObject } from '../plan.ts';
import type { SteeringArgs } from '../protocol.ts';
import { didYouMean, listed } from '../suggest.ts';
import { checkSpace } from './check-space.ts';
import { problemOf } from './distributions.ts';
import { checkGrid, readSpace } from './read-space.ts';
import { readSweep, type SweepRead } from './read-sweep.ts';
import { Reading } from './reading.ts';
import { type CompileWith, compileAt, type SweepRequest, sweepSource } from './resolve-sweep.ts';
import type { Point, Space } from './types.ts';

/** The space, or what is wrong with it and with the points, every problem at once. */
export function checkSteered(
  request: SweepRequest,
  { sampler, space, parameters, points = [] }: Omit<SteeringArgs, 'input'>,
  use: CompileWith,
): { space: Space; problems: Problems } {
  const problems = new Problems();
  const file = sampler === undefined || space === undefined ? fileOf(request, use, problems) : null;
  const current = { sampler: sampler ?? file?.spec?.sampler, space: space ?? file?.space ?? [] };
  const steered =
    parameters === undefined ? current.space : newSpace(parameters, current.sampler, request, use, problems);
  for (const [i, point] of points.entries()) checkPoint(point, i, { space: steered, request, use, problems });
  return { space: steered, problems };
}

function fileOf(request: SweepRequest, use: CompileWith, problems: Problems): SweepRead | null {
  const source = sweepSource(request, use.files, problems);
  return source && readSweep(source);
}

function newSpace(
  parameters: JsonObject,
  sampler: string | undefined,
  request: SweepRequest,
  use: CompileWith,
  problems: Problems,
): Space {
  const source = inlineSource('parameters', parameters);
  const reading = new Reading();
  for (const diagnostic of source.diagnostics) problems.add(diagnostic);
  if (source.value === null) return [];
  const read = readSpace(reading, parameters, new Origin(source));
  if (sampler === 'grid') checkGrid(reading, read);
  const { diagnostics } = checkSpace(read, point => compileAt(request, use, point));
  for (const diagnostic of [...reading.problems.list, ...diagnostics]) problems.add(diagnostic);
  return read.space;
}

function checkPoint(
  point: Point,
  i: number,
  { space, request, use, problems }: { space: Space; request: SweepRequest; use: CompileWith; problems: Problems },
): void {
  const place = (path: string) => ({ file: 'point', line: 0, col: 0, path: i === 0 ? path : `[${i}] ${path}` });
  const names = space.map(({ name }) => name);
  const before = problems.errors.length;
  for (const name of Object.keys(point))
    if (!names.includes(name))
      problems.error(place(name), `the sweep has no parameter of this name; ${didYouMean(name, names)}`);
  const missing = names.filter(name => !Object.hasOwn(point, name));
  if (missing.length > 0)
    problems.error(place(''), `a point has a value for every parameter; missing: ${listed(missing)}`);
  for (const { name, distribution } of space) {
    const wrong = Object.hasOwn(point, name) ? problemOf(distribution, point[name]!) : null;
    if (wrong !== null) problems.error(place(name), wrong);
  }
  if (problems.errors.length > before) return;
  const compiled = compileAt(request, use, point);
  if (compiled.ok) return;
  for (const diagnostic of compiled.diagnostics.filter(each => each.severity === 'error')) {
    const ofPoint = diagnostic.file === '--set' && names.includes(diagnostic.path);
    problems.error(ofPoint ? place(diagnostic.path) : diagnostic, diagnostic.message);
  }
}
