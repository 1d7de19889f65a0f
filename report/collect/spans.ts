// When a trial's jobs ran, attempt by attempt, as manifests and the records of their programs tell.
import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { readRecord, supervisorFiles } from '../../activities/runtime/supervisor-files.ts';
import type { SegmentRecord } from '../explain/job-runs-told.ts';
import { WHY } from '../explain/job-runs-told.ts';
import { origin } from '../figure.ts';
import type { LostWork, Span, TrialJob } from '../model/trial.ts';
import { type RunFolder, runFolders } from './job-runs.ts';

/** Ends that are no grief: a segment that is held or stopped was asked to. */
const ASKED = new Set(['held', 'stopped']);

export interface Runs {
  spans: Span[];
  lost: LostWork[];
}

/** The runs of a job that this trial ran itself. */
export async function runsOf(
  { job, key, manifest, manifestFile, explained }: TrialJob,
  workDir: string,
  now: number,
): Promise<Runs> {
  const dir = join(workDir, 'jobs', key ?? 'none');
  const about = { row: job.id, devices: manifest?.devices ?? [], host: manifest?.host ?? explained.host };
  const spans: Span[] = [];
  const lost: LostWork[] = [];
  const folders = await runFolders(dir);
  const newest = new Map<string, RunFolder>();
  for (const folder of folders) newest.set(folder.program, folder);
  const told = new Set<string>();
  for (const [program, { path }] of newest) {
    const file = supervisorFiles(path).segments;
    const segments = await readRecord<SegmentRecord[]>(file);
    if (!Array.isArray(segments) || segments.length === 0) continue;
    told.add(program);
    const place = relative(workDir, file);
    for (const [i, segment] of segments.entries())
      spans.push({
        ...about,
        ...spanOf(segment, program, now),
        of: [origin(place, i, 't'), ...(segment.ended ? [origin(place, i, 'ended', 't')] : [])],
      });
    lost.push(...lostBetween(segments, { job: job.id, file: place }));
  }
  if (manifest) {
    const [from, to] = [Date.parse(manifest.startedAt), Date.parse(manifest.finishedAt)];
    const parts = [...newest.keys()].some(program => program.startsWith('parts/'));
    // What only gathers parts took no time of its own.
    if (told.size === 0 || (parts && to - from > 1000))
      spans.push({
        ...about,
        from,
        to,
        how: 'done',
        told: [`run ${manifest.epoch}`, 'done'],
        of: ['startedAt', 'finishedAt'].map(name => origin(manifestFile, name)),
      });
  }
  for (const folder of folders) {
    const isNewest = newest.get(folder.program) === folder;
    if (told.has(folder.program) || folder.program !== '' || (isNewest && manifest)) continue;
    const times = await timesIn(folder.path);
    if (!times) continue;
    const running = isNewest && explained.state === 'running';
    spans.push({
      ...about,
      from: times.from,
      to: running ? now : times.to,
      how: running ? 'running' : 'failed',
      told: [`run ${folder.epoch}`, running ? 'goes on' : 'ended without a result (times are those of its files)'],
      of: [],
    });
  }
  return { spans: spans.filter(({ from, to }) => Number.isFinite(from) && to >= from), lost };
}

function spanOf(
  { segment, epoch, from, t, ended }: SegmentRecord,
  program: string,
  now: number,
): Pick<Span, 'from' | 'to' | 'how' | 'told'> {
  const name = `${program === '' ? '' : `${program}, `}run ${epoch}, segment ${segment} from ${from ?? 'the beginning'}`;
  if (!ended) return { from: t * 1000, to: now, how: 'running', told: [name, 'has not ended, or its supervisor died'] };
  const { why, code, furthest, total } = ended;
  const how = why === 'exited' && code === 0 ? 'done' : ASKED.has(why) ? 'held' : 'failed';
  const step = furthest === null ? [] : [`until step ${furthest}${total === null ? '' : ` of ${total}`}`];
  return { from: t * 1000, to: ended.t * 1000, how, told: [name, ...step, WHY[why] ?? why] };
}

/** Steps that a segment did and the next one began before. */
function lostBetween(segments: readonly SegmentRecord[], about: Pick<LostWork, 'job' | 'file'>): LostWork[] {
  return segments.slice(1).flatMap((next, i) => {
    const { step, t, ended } = segments[i]!;
    const furthest = ended?.furthest;
    if (!ended || furthest === null || furthest === undefined || furthest <= next.step) return [];
    const steps = furthest - next.step;
    const seconds = furthest > step ? ((ended.t - t) * steps) / (furthest - step) : 0;
    return [{ ...about, steps, seconds, why: WHY[ended.why] ?? ended.why, segment: i }];
  });
}

/** From when its first file was written until its last one was. */
async function timesIn(folder: string): Promise<{ from: number; to: number } | null> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const times = await Promise.all(
    names.map(name =>
      stat(join(folder, name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => null,
      ),
    ),
  );
  const known = times.filter(time => time !== null);
  return known.length === 0 ? null : { from: Math.min(...known), to: Math.max(...known) };
}
