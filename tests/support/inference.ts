import { readFile, writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import type { Component, JobRun } from '../../activities/component.ts';
import { JobFailure } from '../../activities/runtime/failure.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { supervisedRun } from './evaluators.ts';
import { linesOf } from './pools.ts';

/** A run in `dir` whose program runs as the child of the test: no supervisor, no restarts. */
export async function plainRun(component: Component, dir: string, extra: JsonObject): Promise<JobRun> {
  const run = await supervisedRun(component, dir, extra);
  run.program = async ({ argv: [command, ...args], cwd, env }) => {
    const { exitCode, all } = await execa(command!, args, { cwd, env, all: true, reject: false });
    await writeFile(run.log, all);
    if (exitCode !== 0) throw new JobFailure(`exit code ${exitCode}`, { logTail: all.split('\n') });
    return { code: 0, signal: null, log: run.log, metrics: '' };
  };
  return run;
}

/** The samples of a file of lines. */
export async function samplesOf(path: string): Promise<JsonObject[]> {
  return (await linesOf(path)).map(line => JSON.parse(line) as JsonObject);
}

/** What the program of a run printed. */
export async function printed(run: JobRun): Promise<string> {
  return await readFile(run.log, 'utf8');
}
