import { resolve } from 'node:path';
import { canonical } from '../../plan/canonical.ts';
import { gridPoint } from '../../plan/sweep/grid.ts';
import { randomPoint } from '../../plan/sweep/random.ts';
import { type SamplerHistory, samplerHistory } from '../../plan/sweep/sampler-history.ts';
import { traitsOf } from '../../plan/sweep/sampler-traits.ts';
import { type Point, SAMPLERS, type Space, type SuggestRequest } from '../../plan/sweep/types.ts';
import { UnitCube } from '../../plan/sweep/unit-cube.ts';
import { JobFailure } from '../runtime/failure.ts';
import { type Sampler, withSampler } from './with-sampler.ts';

/** A point, and one clause on where it comes from. */
export interface Suggestion {
  point: Point;
  reason: string;
}

/** How often a sampler is asked again when its point has been tried. */
const ATTEMPTS = 4;
/** How many random points are looked at for one that has not been tried. */
const RANDOM_ATTEMPTS = 100;
/** Between seeds of one trial's attempts: far enough that none is another sweep's. */
const SEED_STEP = 2_654_435_769;

interface Drawn {
  point: Point;
  isNew: boolean;
}

/**
 * The next points of a sweep, `count` of them (of grid fewer, where it is exhausted). Equal requests have equal answers in any process, and several
 * points at once are those that would come one by one while none has ended. A point that was tried before is answered only where no other was found.
 *
 * @throws JobFailure where the sampler is unknown, has no environment, or cannot answer.
 */
export async function suggest(
  request: SuggestRequest,
  { signal }: { signal?: AbortSignal } = {},
): Promise<Suggestion[]> {
  const { sampler, space, seed, next, count } = request;
  if (sampler === 'grid') return fromGrid(request);
  if (sampler === 'random')
    return Array.from({ length: count }, (_, i) => ({
      point: randomPoint(space, seed, next + i),
      reason: `random, seed ${seed}`,
    }));
  if (!(SAMPLERS as readonly string[]).includes(sampler) && !/^[\w.]+:\w+$/.test(sampler))
    throw new JobFailure(
      `there is no sampler "${sampler}": expected one of ${SAMPLERS.join(', ')}, or module:Class of your own`,
    );
  const cube = new UnitCube(space);
  const { past, known, counts } = samplerHistory(request, cube);
  const { learnsFrom } = traitsOf(sampler);
  if (known < learnsFrom)
    return atRandom(
      request,
      `${sampler} learns from ${learnsFrom} trials that have told something, there are ${known}`,
    );
  const directions = request.metrics.map(({ goal }) => goal);
  const python = {
    sampler,
    seed,
    directions,
    space: cube.axes,
    trials: past,
    base_dir: resolve(request.baseDir ?? '.'),
  };
  return await withSampler(python, signal, asked => modelled(request, cube, asked, counts));
}

/** What the grid has and no trial had yet. */
function fromGrid({ space, trials, count }: SuggestRequest): Suggestion[] {
  const tried = triedIn(trials);
  const found: Suggestion[] = [];
  for (let i = 0; found.length < count; i++) {
    const point = gridPoint(space, i);
    if (point === null) break;
    if (!tried.has(canonical(point))) found.push({ point, reason: `point ${i + 1} of the grid` });
  }
  return found;
}

/** Random points before a sampler has anything to learn from. */
function atRandom({ space, seed, trials, next, count }: SuggestRequest, why: string): Suggestion[] {
  const tried = triedIn(trials);
  return Array.from({ length: count }, (_, i) => {
    const { point, isNew } = newAtRandom(space, seed, next + i, tried);
    tried.add(canonical(point));
    return { point, reason: `random: ${why}${isNew ? '' : TRIED}; seed ${seed}` };
  });
}

/** Points of a sampler's model; each counts as running for the next. */
async function modelled(
  { sampler, space, seed, trials, next, count }: SuggestRequest,
  cube: UnitCube,
  asked: Sampler,
  { finished, partly, running }: SamplerHistory['counts'],
): Promise<Suggestion[]> {
  const tried = triedIn(trials);
  const found: Suggestion[] = [];
  for (let trial = next; trial < next + count; trial++) {
    const drawn = await newOfModel(cube, asked, trial, tried);
    const other = drawn.isNew ? drawn : newAtRandom(space, seed, trial, tried);
    const { point } = other.isNew ? other : drawn;
    tried.add(canonical(point));
    await asked.take(trial, cube.coordinatesOf(point)!);
    const by = drawn.isNew || !other.isNew ? sampler : `random, as ${sampler} wants what was tried,`;
    const partlyTrained = partly > 0 ? `, ${partly} partly trained` : '';
    const from = traitsOf(sampler).usesHistory
      ? ` from ${finished} finished${partlyTrained} and ${running + found.length} running trials`
      : '';
    found.push({ point, reason: `${by}${from}${other.isNew ? '' : TRIED}, seed ${seed}` });
  }
  return found;
}

const TRIED = ' (tried before, as no new one was found)';
const triedIn = (trials: SuggestRequest['trials']) => new Set(trials.map(({ point }) => canonical(point)));

async function newOfModel(cube: UnitCube, asked: Sampler, trial: number, tried: Set<string>): Promise<Drawn> {
  let point: Point = {};
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    point = cube.pointAt(await asked.ask(trial, attempt));
    if (!tried.has(canonical(point))) return { point, isNew: true };
  }
  return { point, isNew: false };
}

/** The point that sampler `random` would have, or of another seed. */
function newAtRandom(space: Space, seed: number, trial: number, tried: Set<string>): Drawn {
  let point: Point = {};
  for (let attempt = 0; attempt < RANDOM_ATTEMPTS; attempt++) {
    point = randomPoint(space, (seed + attempt * SEED_STEP) % 2 ** 32, trial);
    if (!tried.has(canonical(point))) return { point, isNew: true };
  }
  return { point, isNew: false };
}
