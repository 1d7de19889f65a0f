import { readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { JsonObject } from '../../plan/plan.ts';
import type { JobRun } from '../component.ts';
import { restarting } from '../runtime/durably.ts';
import { JobFailure } from '../runtime/failure.ts';
import { lastLines, readable } from '../runtime/last-lines.ts';
import { tqdm, VBENCH } from '../runtime/log-patterns.ts';
import { vbenchCommand } from './vbench-command.ts';
import type { VBenchConfig } from './vbench-config.ts';
import { explainVBench } from './vbench-failure.ts';
import { videosOfPrompts } from './vbench-prompts.ts';
import { readAsked, readResult, savedResult } from './vbench-result.ts';
import { linkVideos, videosIn } from './video-folder.ts';

/** One dimension's score, as the run that gathers them finds it. */
export interface DimensionScore {
  score: number;
  videos: JsonObject[];
  versions: Record<string, string>;
  notes: string[];
}

/** What VBench reads in both of its modes. */
const SUFFIXES = ['.mp4', '.gif'];
const SEARCHED_LINES = 200;
/** Leaves videos out of its score by definition: those in which the object is not found. */
const SCORES_SOME = ['color'];

/** Scores one dimension with one call of VBench. The same job and dimension give the same call, so that a live one is attached to. */
export async function scoreDimension(run: JobRun, config: VBenchConfig, dimension: string): Promise<DimensionScore> {
  const notes: string[] = [];
  const videos = await videosToScore(config, dimension, notes);
  const links = join(run.dir, 'videos');
  const output = join(run.dir, 'results');
  await linkVideos(videos, links);
  const gpus = run.devices.length || run.job.resources.gpus;
  const environment = await run.environment(config, config.launcher?.command ? undefined : 'vbench');
  const argv = vbenchCommand(config, { dimension, videos: links, output, gpus }, environment);
  const log = await callVBench(run, argv, environment.env, dimension);
  const { score, videos: scored, asked } = await scoresOf(log, output, dimension, config.videos_path);
  if (score === null) throw new JobFailure(`VBench has no score for ${dimension}: ${whyNone(config, scored)}`);
  const names = asked?.names ?? videos.map(video => basename(video));
  if (!SCORES_SOME.includes(dimension)) assertAllScored(names, scored, dimension);
  if (asked && takesOwnPrompts(config) && asked.missing > 0) notes.push(fewer(dimension, asked.missing, names.length));
  return { score, videos: scored, versions: versionsIn(log), notes };
}

async function videosToScore(config: VBenchConfig, dimension: string, notes: string[]): Promise<string[]> {
  const videos = await videosIn(config.videos_path, SUFFIXES);
  if (config.mode === 'custom_input') return videos;
  const endings = new Set(videos.map(video => extname(video)));
  if (endings.size > 1) {
    throw new JobFailure(
      `${config.videos_path} holds videos that end with ${[...endings].join(' and with ')}, and VBench's mode standard takes one kind`,
    );
  }
  if (!config.full_json_dir) return videos;
  const { found, missing } = await videosOfPrompts(videos, config.full_json_dir, dimension);
  if (missing > 0) notes.push(fewer(dimension, missing, found.length));
  return found;
}

function takesOwnPrompts({ mode, full_json_dir }: VBenchConfig): boolean {
  return mode === 'standard' && !full_json_dir;
}

function fewer(dimension: string, missing: number, found: number): string {
  return `${dimension}: ${missing} of ${missing + found} videos of its prompts are not there; scores of fewer videos cannot be compared with VBench's own`;
}

/** Runs the program and returns its own log. */
async function callVBench(
  run: JobRun,
  argv: string[],
  env: Record<string, string>,
  dimension: string,
): Promise<string> {
  try {
    const end = await run.program({
      argv,
      cwd: run.dir,
      env: { PYTHONUNBUFFERED: '1', ...env },
      patterns: [tqdm(), ...VBENCH],
      unit: 'video',
      phase: dimension,
      ...restarting(run.job),
    });
    return await readFile(end.log, 'utf8');
  } catch (error) {
    if (!(error instanceof JobFailure)) throw error;
    const lines = await lastLines(run.log, SEARCHED_LINES).catch(() => error.logTail);
    const message = explainVBench(lines, dimension);
    throw message === null ? error : new JobFailure(message, { logTail: error.logTail, cause: error });
  }
}

async function scoresOf(log: string, output: string, dimension: string, videosPath: string) {
  const path = savedResult(log, output);
  if (path === null) {
    const lines = readable(log);
    const why = explainVBench(lines, dimension) ?? 'its log has no line "Evaluation results saved to …"';
    throw new JobFailure(`VBench ended without a result for ${dimension}: ${why}`, { logTail: lines.slice(-20) });
  }
  try {
    return { ...(await readResult(path, dimension, videosPath)), asked: await readAsked(path) };
  } catch (error) {
    throw new JobFailure(`VBench's result cannot be read: ${String(error)}`, { cause: error });
  }
}

function whyNone({ mode, videos_path }: VBenchConfig, scored: readonly JsonObject[]): string {
  const undefinedFor = scored.find(video => video.video_results === null);
  if (undefinedFor) return `${undefinedFor.video_path} gives no number; has it fewer than two frames?`;
  if (mode === 'custom_input') return `none in ${videos_path} could be read`;
  return `mode standard scores videos of VBench's prompts, named <prompt>-0.mp4; those in ${videos_path} have other names (mode custom_input takes any)`;
}

/** VBench leaves a video that it cannot read out of the mean without a word. */
function assertAllScored(asked: readonly string[], scored: readonly JsonObject[], dimension: string): void {
  const names = new Set(scored.map(video => basename(String(video.video_path))));
  const without = asked.filter(name => !names.has(name));
  if (without.length === 0 || names.size === 0) return;
  throw new JobFailure(
    `VBench left ${without.length} of ${asked.length} videos out of ${dimension}, the first is ${without[0]}: it cannot be read as a video`,
  );
}

function versionsIn(log: string): Record<string, string> {
  const found = /^vbench_cli: vbench (\S+), torch (\S+), on /m.exec(log);
  return found ? { vbench: found[1]!, torch: found[2]! } : {};
}
