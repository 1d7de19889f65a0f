import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';
import type { Component, JobResult } from '../../activities/component.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { jobRun } from './job-run.ts';

/** A folder that goes when the test has ended. */
export async function tempFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'pools-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a dataset of one sample a line (texts as they are, values as JSON); its path. */
export async function dataset(path: string, samples: readonly (string | JsonObject)[]): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  const lines = samples.map(sample => (typeof sample === 'string' ? sample : JSON.stringify(sample)));
  await writeFile(path, lines.map(line => `${line}\n`).join(''));
  return path;
}

/** A finished job of a component on pools. */
export interface PoolsMade {
  result: JobResult;
  /** Names of the results relative to the export folder, in their order. */
  names: string[];
  /** Texts of the samples of each pool, by name. */
  pools: Record<string, string[]>;
  /** Everything that is in the export folder, relative to it. */
  there: string[];
  out: string;
}

/** Runs a component with the real program of python/pools, but without a supervisor; outputs go to `<dir>/out/pools`. */
export async function makePools(component: Component, dir: string, extra: JsonObject): Promise<PoolsMade> {
  const out = join(dir, 'out', 'pools');
  const extra_configs = { type: component.type!, export_path: out, ...extra };
  const run = await jobRun(component, dir, { extra_configs });
  run.program = async ({ argv: [command, ...args], cwd }) => {
    await execa(command!, args, { cwd });
    return { code: 0, signal: null, log: run.log, metrics: '' };
  };
  const result = await component.run(run);
  const paths = pathsOf(result);
  const there = await readdir(out, { recursive: true, withFileTypes: true });
  return {
    result,
    names: paths.map(path => relative(out, path)),
    pools: Object.fromEntries(await Promise.all(paths.map(async path => [relative(out, path), await linesOf(path)]))),
    there: there
      .filter(entry => entry.isFile())
      .map(entry => relative(out, join(entry.parentPath, entry.name)))
      .sort(),
    out,
  };
}

/** Paths that a job's one result is, as later jobs get them. */
export function pathsOf({ results }: JobResult): string[] {
  const [first] = results;
  if (!first || results.length > 1) throw new Error(`expected one result, got ${results.length}`);
  if ('path' in first) return [first.path];
  if ('paths' in first) return first.paths;
  throw new Error(`expected paths, got ${JSON.stringify(first.value)}`);
}

/** Texts of a file of lines. */
export async function linesOf(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8');
  if (text !== '' && !text.endsWith('\n')) throw new Error(`${basename(path)} does not end its last line`);
  return text.split('\n').slice(0, -1);
}
