import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { safeName } from '../../activities/runtime/safe-name.ts';
import type { StudyTable } from '../../plan/protocol.ts';
import { trialIdOf } from '../../plan/trial-of.ts';
import { shortTitle } from '../charts/effects.ts';
import type { CollectOptions } from '../model/report.ts';
import type { StudyDoes, StudyModel, StudyTrial } from '../model/study.ts';
import { lastTold } from '../model/trial-work.ts';
import { CurveReader } from './curves.ts';
import { joinedWalls, seeVideos } from './joined-walls.ts';
import { firstPlanAt } from './plan-times.ts';
import { readStudyFile } from './study-file.ts';
import { type JobRecord, readTrialRecord } from './trial-record.ts';
import { TrialWorks } from './trial-work.ts';

/** `<study>/pools/<samples>/<point>.jsonl`, wherever the work_dir was when it ran. */
const POOL = /\/studies\/([^/]+)\/pools\/(\d+)\/(.+)\.jsonl$/;
const STEPS = new Set(['split', 'sample', 'combine', 'repeat']);

/** Reads what a pool study and its trials left in a work_dir; null where it has no folder there. `table`: as the server has it. */
export async function collectStudy({
  id,
  workDir,
  now,
  said = null,
  table = null,
  onProgress,
  signal,
  seeClips,
}: CollectOptions): Promise<StudyModel | null> {
  const dir = join(workDir, 'studies', safeName(id));
  if (!existsSync(dir)) return null;
  const read = await readStudyFile(dir);
  const known = read.study ?? table;
  const numbered = trialsOf(workDir, id, known?.counts.begun ?? 0);
  const works = new TrialWorks(workDir);
  const curves = new CurveReader(workDir);
  const places = new Places(known);
  const trials: StudyTrial[] = [];
  const rows: StudyModel['rows'] = {};
  const watched = watchedPoints(known);
  const shown: { place: number; label: string; records: readonly JobRecord[] }[] = [];
  for (const [i, { id: name, trial }] of numbered.entries()) {
    signal?.throwIfAborted();
    if (i % 20 === 0) onProgress?.(`reading trial ${i + 1} of ${numbered.length}`);
    const { work, records } = await works.read(name);
    await curves.read(trial, records);
    for (const record of records) Object.assign(rows, rowsOf(record));
    const does = doesOf(records, places);
    const place = watched.findIndex(each => isAt(does, each));
    if (place >= 0) shown.push({ place, label: watched[place]!.label, records });
    const begun = await firstPlanAt(join(workDir, 'trials', safeName(name)));
    const ends = work.jobs.flatMap(({ finishedAt }) => finishedAt ?? []);
    const isDone = work.jobs.length > 0 && work.jobs.every(({ state }) => state !== 'open');
    trials.push({
      id: name,
      trial,
      does,
      status: isDone ? 'done' : 'open',
      startedAt: begun,
      finishedAt: isDone && ends.length > 0 ? Math.max(begun ?? 0, ...ends) : null,
      work,
    });
  }
  const videos = await joinedWalls(shown.sort((a, b) => a.place - b.place));
  const clips = await seeVideos(videos, workDir, seeClips);
  return {
    kind: 'study',
    id,
    workDir,
    madeAt: now,
    said,
    lacking: [...(read.lacking === null ? [] : [read.lacking]), ...clips.lacking],
    videos,
    clips: clips.seen,
    ...(await namesOf(workDir, known, numbered)),
    table: known,
    until:
      known?.finishedAt ??
      said?.closedAt ??
      (said === null
        ? lastTold(
            trials.map(({ work }) => work),
            Math.max(0, ...trials.map(({ startedAt }) => startedAt ?? 0)),
          )
        : now),
    file: read.study ? relative(workDir, join(dir, 'study.json')) : null,
    limits: read.study?.limits ?? [],
    recipe: existsSync(join(dir, 'recipe.yaml')) ? relative(workDir, join(dir, 'recipe.yaml')) : null,
    trials,
    rows,
    curves: curves.curves(
      known ? [known.spec.metric.name] : [],
      numbered.map(({ trial }) => trial),
    ),
  };
}

/** A point whose videos are shown. */
interface Watched {
  stage: number;
  point: number;
  label: string;
}

/** Of the first seed: the whole data, the pool that came out best, and the two best others of one stat. */
function watchedPoints(table: StudyTable | null): Watched[] {
  const [single] = table?.stages ?? [];
  if (!table || !single) return [];
  const all = table.stages.flatMap(({ points }, stage) => points.map((point, i) => ({ stage, point: i, of: point })));
  const winner = all.find(({ of }) => of.id === table.winner?.id && of.comparison?.gain === table.winner.gain);
  const others = all
    .filter(each => each.stage === 0 && each.of.comparison !== null && each !== winner)
    .sort((a, b) => b.of.comparison!.gain - a.of.comparison!.gain);
  return [all[0], winner, ...others.slice(0, 2)].flatMap(each =>
    each
      ? [
          {
            stage: each.stage,
            point: each.point,
            label: `${shortTitle(each.of)}${each === winner ? ', the best' : ''}`,
          },
        ]
      : [],
  );
}

function isAt(does: StudyDoes, { stage, point }: Watched): boolean {
  return does.kind === 'point' && does.at?.stage === stage && does.at.point === point && does.at.seed === 0;
}

/** So many trials without a folder one after another, and there are no more. */
const MOST_LOST = 10;

/** The trials that there are: those that the table counts, and what has folders behind them. */
function trialsOf(workDir: string, id: string, begun: number): { id: string; trial: number }[] {
  const found: { id: string; trial: number }[] = [];
  for (let trial = 1, lost = 0; trial <= begun || lost < MOST_LOST; trial += 1) {
    const name = trialIdOf(id, trial);
    const isThere = existsSync(join(workDir, 'trials', safeName(name)));
    lost = isThere ? 0 : lost + 1;
    if (isThere || trial <= begun) found.push({ id: name, trial });
  }
  return found;
}

/** Which trial tried which point with which seed: a stage's trials begin seed by seed, and its pools are files of its size. */
class Places {
  readonly #table: StudyTable | null;
  readonly #tried = new Map<string, number>();

  constructor(table: StudyTable | null) {
    this.#table = table;
  }

  /** The place of the next trial on a pool, in the order in which they began. */
  next(point: string, samples: number): Extract<StudyDoes, { kind: 'point' }>['at'] {
    const key = `${samples} ${point}`;
    const nth = this.#tried.get(key) ?? 0;
    this.#tried.set(key, nth + 1);
    const seeds = this.#table?.spec.seeds.length ?? 0;
    if (seeds === 0) return null;
    const stages = (this.#table?.stages ?? []).flatMap(({ kind, samples: size, points }, stage) => {
      const at = points.findIndex(({ id }) => id === point);
      // A pool that is not repeated has its scores from before.
      return at < 0 || size !== samples || (kind === 'repeated' && at === 0) ? [] : [{ stage, point: at }];
    });
    const found = stages[Math.floor(nth / seeds)];
    return found ? { ...found, seed: nth % seeds } : null;
  }
}

function doesOf(records: readonly JobRecord[], places: Places): StudyDoes {
  const step = records.find(({ job }) => STEPS.has(job.metaName) && job.hook === 'DataPoolManipulationHook');
  if (step) return { kind: 'data', step: step.job.metaName };
  for (const { job } of records)
    for (const { path } of job.reads ?? []) {
      const [, , samples, point] = POOL.exec(path) ?? [];
      if (samples !== undefined && point !== undefined)
        return { kind: 'point', point, samples: Number(samples), at: places.next(point, Number(samples)) };
    }
  return { kind: 'point', point: 'unknown', samples: 0, at: null };
}

/** Sizes of combinations, as the job that made them tells: `rows.<name>_top_0_2_num_17.jsonl`. */
function rowsOf({ key, manifest }: JobRecord): StudyModel['rows'] {
  const found: StudyModel['rows'] = {};
  for (const [name, rows] of Object.entries(manifest?.metrics ?? {})) {
    const [, ranks] = /^rows\..*_top_([\d_]+)_num_\d+\.jsonl$/.exec(name) ?? [];
    if (ranks !== undefined && key !== null)
      found[`top_${ranks}`] = { rows, file: `jobs/${key}/manifest.json`, path: ['metrics', name] };
  }
  return found;
}

async function namesOf(
  workDir: string,
  table: StudyTable | null,
  trials: readonly { id: string }[],
): Promise<{ project: string; experiment: string }> {
  if (table) return { project: table.project, experiment: table.experiment };
  const [first] = trials;
  const plan = first && (await readTrialRecord(workDir, first.id))?.plans[0]?.plan;
  return { project: plan?.projectName ?? '', experiment: plan?.experimentName ?? '' };
}
