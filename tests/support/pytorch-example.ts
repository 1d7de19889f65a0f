import { readFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { components } from '../../activities/components.ts';
import { packageRoot, pythonOf } from '../../activities/runtime/paths.ts';
import { stepValues } from '../../activities/runtime/step-values.ts';
import { liveSupervisor } from '../../activities/runtime/supervisor-files.ts';
import { compileConfig } from '../../client/compile-config.ts';
import { formatDiagnostic } from '../../plan/diagnostic.ts';
import { type JsonObject, jobsOf, type PlanJob } from '../../plan/plan.ts';
import { until } from '../activities/runtime/trainers.ts';
import { supervisedRun } from './evaluators.ts';

/** Steps of the example's training. */
export const STEPS = 200;

/** `python` is what the worker's PATH has: here one with torch. */
export function pythonWithTorch(): void {
  process.env.PATH = [dirname(pythonOf('train')), process.env.PATH].join(delimiter);
}

/** A file of examples/pytorch. */
export const example = (...parts: string[]): string => join(packageRoot(), 'examples', 'pytorch', ...parts);

/** The example's jobs as they are compiled; throws where anything is wrong or warned of. */
export function exampleJobs(): PlanJob[] {
  const compiled = compileConfig({ config: 'examples/pytorch/sandbox.yaml', set: {}, baseDir: packageRoot() });
  const told = compiled.ok ? compiled.warnings : compiled.errors;
  if (!compiled.ok || told.length > 0) throw new Error(told.map(formatDiagnostic).join('\n'));
  return jobsOf(compiled.plan);
}

/** A job of the example, to be run in `dir` as a worker does; `more` goes over its config. */
export async function exampleRun(metaName: string, dir: string, more: JsonObject = {}) {
  const job = exampleJobs().find(each => each.metaName === metaName)!;
  const component = components.find(each => each.name === job.component)!;
  const extra = { ...job.config.extra_configs, cwd: example(), ...more };
  return { component, run: await supervisedRun(component, dir, extra) };
}

/** Its training, with so many seconds after each step: who kills it in the middle must find it there. */
export async function exampleTraining(dir: string, pause = '0') {
  const argv = exampleJobs().find(job => job.metaName === 'train')!.config.extra_configs!['argv'] as string[];
  return await exampleRun('train', dir, { argv: [...argv, '--pause', pause], dataset: example('points.jsonl') });
}

/** Resolves when the training in `dir` has done a step. */
export async function reached(dir: string, step: number): Promise<void> {
  await until(async () => (await stepValues(join(dir, 'metrics.jsonl'), 'loss')).steps >= step);
}

/** Process id of a segment's program, once it runs. */
export async function programOf(dir: string, segment: number): Promise<number> {
  return await until(async () => {
    const live = await liveSupervisor(dir);
    return live?.segment === segment ? live.trainer?.pid : null;
  });
}

/** From which checkpoint each segment began. */
export async function startsOf(dir: string): Promise<(string | null)[]> {
  const segments = JSON.parse(await readFile(join(dir, 'segments.json'), 'utf8')) as { from: string | null }[];
  return segments.map(({ from }) => from);
}
