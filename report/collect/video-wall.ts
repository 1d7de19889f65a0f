import { basename } from 'node:path';
import type { Json } from '../../plan/plan.ts';
import type { TrialJob, VideoWall } from '../model/trial.ts';
import { headings } from './scores.ts';

const VIDEO = /\.(mp4|webm|mov|mkv|avi|gif)$/i;
/** More rows than these make a page of videos that nobody watches. */
const MOST_ROWS = 24;

type Maker = Pick<TrialJob, 'job' | 'key' | 'iteration' | 'manifest' | 'trained'>;

/** The videos that a trial's jobs made, side by side: those of the same name were made for the same prompt and sample. */
export async function videoWall(jobs: readonly Maker[]): Promise<VideoWall> {
  const makers = jobs.flatMap(job => {
    const files = videosOf(job);
    return files.length > 0 ? [{ job, files, base: !job.trained }] : [];
  });
  makers.sort((a, b) => Number(b.base) - Number(a.base));
  const { columns: labels } = headings(makers.map(({ job }) => job.job.metaName));
  const names = [...new Set(makers.flatMap(({ files }) => files.map(file => basename(file))))].sort();
  const several = makers.some(({ job }) => job.iteration !== makers[0]!.job.iteration);
  return {
    columns: makers.map(({ job, base }, i) => ({
      job: job.job.id,
      label: `${labels[i]}${several ? `, iteration ${job.iteration}` : ''}`,
      iteration: job.iteration,
      base,
    })),
    rows: names.slice(0, MOST_ROWS).map(name => ({
      ...promptOf(name),
      seed: seedOf(makers[0]!.job),
      files: makers.map(({ files }) => files.find(file => basename(file) === name) ?? null),
    })),
    more: Math.max(0, names.length - MOST_ROWS),
  };
}

/** Videos that a job published as a result of its own, relative to the work_dir; evaluations only look at them. */
function videosOf({ job, key, manifest }: Maker): string[] {
  if (!manifest || job.stage !== 'execution') return [];
  const results = manifest.results.flatMap(result => (result.kind === 'path' ? [result.path] : []));
  return manifest.files
    .filter(({ path }) => VIDEO.test(path) && results.some(result => path === result || path.startsWith(`${result}/`)))
    .map(({ path }) => `jobs/${key}/${path}`);
}

/** `a red car-0.mp4`: VBench's names of videos are the prompt and which sample of it. */
function promptOf(name: string): { prompt: string; sample: string | null } {
  const [, prompt, sample] = /^(.*)-(\d+)\.\w+$/s.exec(name) ?? [];
  return { prompt: prompt ?? name.replace(/\.\w+$/, ''), sample: sample ?? null };
}

/** What a config calls its seed, wherever it has it. */
function seedOf({ manifest }: Maker): Json | null {
  const find = (value: unknown): Json | null => {
    if (typeof value !== 'object' || value === null) return null;
    for (const [key, each] of Object.entries(value)) if (key === 'seed' && typeof each === 'number') return each;
    for (const each of Object.values(value)) {
      const found = find(each);
      if (found !== null) return found;
    }
    return null;
  };
  return find(manifest?.config.extra_configs);
}
