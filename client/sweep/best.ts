// What won a sweep, as files of its own.
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { registry } from '../../activities/components.ts';
import { createOnce, writeAtomically } from '../../activities/runtime/atomic.ts';
import { jobDir, readManifest } from '../../activities/runtime/job-dir.ts';
import { keyed } from '../../activities/runtime/keyed.ts';
import { trialDir } from '../../activities/runtime/trial-dir.ts';
import { type Json, type JsonObject, jobsOf, type Plan } from '../../plan/plan.ts';
import type { Leaderboard, SweepInput } from '../../plan/protocol.ts';
import { parseSource } from '../../plan/source.ts';
import { pointText } from '../../plan/sweep/point-text.ts';
import type { SweepTrial } from '../../plan/sweep/types.ts';
import { trialIdOf } from '../../plan/trial-of.ts';
import { required } from '../arguments.ts';
import { compileConfig } from '../compile-config.ts';
import { withServer } from '../connect.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { figure } from '../format.ts';
import { printJson } from '../output.ts';
import { bestRecipe, stem } from './best-recipe.ts';
import { ownConfig, ownConfigText, yamlOf } from './own-config.ts';
import { rankedTrials, readLedger } from './read-ledger.ts';
import { bestOf } from './sweep-snapshot.ts';
import { sweepBoard, sweepInput } from './sweeps.ts';

export interface BestOptions {
  out?: string;
  force?: boolean;
  json?: boolean;
}

/** A sweep's winner with what it ran by. */
interface Winner {
  board: Leaderboard;
  input: SweepInput;
  trial: SweepTrial;
  /** Plan of its first iteration, and of its last. */
  plan: Plan;
  last: Plan;
}

/**
 * `dj-sandbox sweep best`: writes the recipe of the best trial, and a config that runs what that trial ran.
 * @throws CommandFailure when no trial is done yet, what it left cannot be read here, or a file is in the way.
 */
export async function writeBest(id: string, options: BestOptions): Promise<void> {
  const out = resolve(required('--out', options.out));
  if (!/\.(ya?ml|json)$/.test(out))
    throw new CommandFailure(`--out ${options.out}: expected a name ending in .yaml, .yml or .json`);
  const config = join(dirname(out), `${stem(out)}.sandbox.yaml`);
  const force = options.force ?? false;
  for (const path of force ? [] : [out, config]) refuseExisting(path);
  const winner = await findWinner(id);
  const set = settingsOf(winner);
  const runs = await jobsToRun(winner, set);
  const recipe = await recipeOf(winner, out);
  const heads = headLines(winner);
  if (recipe)
    await write(
      out,
      out.endsWith('.json') ? `${JSON.stringify(recipe, null, 2)}\n` : withHead(heads, yamlOf(recipe)),
      force,
    );
  await write(config, await configText(winner, set, heads), force);
  const { trial, board } = winner;
  if (options.json) {
    const objective = { name: board.spec.metrics[0]?.name, value: trial.objectives[0] };
    printJson({
      sweep: id,
      trial: trial.trial,
      objective,
      parameters: trial.point,
      recipe: recipe && out,
      config,
      runs,
    });
    return;
  }
  console.log(heads[0]);
  if (recipe) console.log(`recipe: ${out}`);
  else console.log('no job of that trial processes data by a recipe: only its config was written');
  console.log(`config: ${config}`);
  for (const line of runLines(winner, runs)) console.log(line);
}

async function findWinner(id: string): Promise<Winner> {
  const { board, ledger, input } = await withServer(async server => {
    const board = await sweepBoard(server, id);
    return { board, ledger: await readLedger(server, board), input: await sweepInput(server, id) };
  });
  const trial = bestOf(rankedTrials(board, ledger));
  if (!trial)
    throw new CommandFailure(
      `no trial of sweep ${id} is done with an objective yet (${board.state}): there is no best one`,
      EXIT.failed,
    );
  const folder = trialDir(board.workDir, { id: trialIdOf(id, trial.trial), runId: '' });
  try {
    const numbers = (await readdir(folder)).flatMap(name => /^plan-(\d+)\.json$/.exec(name)?.[1] ?? []);
    const read = async (n: number) => JSON.parse(await readFile(join(folder, `plan-${n}.json`), 'utf8')) as Plan;
    return { board, input, trial, plan: await read(1), last: await read(Math.max(...numbers.map(Number))) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandFailure(
      `what trial ${trial.trial} of sweep ${id} ran by cannot be read here: ${why}`,
      EXIT.failed,
      {
        cause: error,
      },
    );
  }
}

/** What the winning trial had set from outside. */
function settingsOf({ board, input, trial }: Winner): Record<string, Json> {
  const { hpo_config: _, ...set } = { ...input.set };
  return { ...(input.workDir !== undefined && { work_dir: board.workDir }), ...set, ...trial.point };
}

/** Ids of the jobs that would be run again with these values: those whose keys are not the trial's own. */
async function jobsToRun({ input, plan }: Winner, set: Record<string, Json>): Promise<string[]> {
  const config = ownConfig(await configOf(input, plan), set);
  const compiled = compileConfig({ config, set: {}, baseDir: plan.baseDir, absent: 'warning' });
  if (!compiled.ok) return jobsOf(plan).map(job => job.id);
  const keys = new Map(jobsOf(plan).map(job => [job.id, job.key]));
  const again = jobsOf(await keyed(compiled.plan, registry));
  return again.filter(job => keys.get(job.id) !== job.key).map(job => job.id);
}

/** The sweep's config as data, as it is now. */
async function configOf({ config }: SweepInput, { baseDir }: Plan): Promise<JsonObject> {
  if (typeof config !== 'string') return config;
  const { value } = parseSource(config, await readConfig(resolve(baseDir, config)));
  if (value) return value;
  throw new CommandFailure(`${config} is no config any more: \`dj-sandbox validate --config ${config}\` says why`);
}

async function readConfig(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new CommandFailure(`the sweep's config ${path} cannot be read here`, EXIT.failed, { cause: error });
  }
}

/** The recipe of the newest job of the trial that processes data. */
async function recipeOf({ last }: Winner, out: string): Promise<JsonObject | null> {
  const jobs = jobsOf(last).filter(
    job => job.stage === 'execution' && registry.some(spec => spec.name === job.component && spec.recipe),
  );
  for (const { key } of jobs.reverse()) {
    const dir = jobDir(last.workDir, key ?? '');
    const manifest = await readManifest(dir);
    const recipe = manifest && bestRecipe(manifest, dir, out);
    if (recipe) return recipe;
  }
  return null;
}

async function configText({ input, plan }: Winner, set: Record<string, Json>, heads: string[]): Promise<string> {
  const lines = [...heads, `Relative paths start where it is called: run it in ${plan.baseDir}`];
  if (typeof input.config !== 'string') return withHead(lines, yamlOf(ownConfig(input.config, set)));
  const text = await readConfig(resolve(plan.baseDir, input.config));
  return ownConfigText(text, input.config, set, lines);
}

function headLines({ board, trial }: Winner): string[] {
  const [metric] = board.spec.metrics;
  return [
    `The best of sweep ${board.sweep}: trial ${trial.trial}, ${metric?.name} = ${figure(trial.objectives[0]!)} (${metric?.goal}), of ${board.counts.done} done`,
    pointText(trial.point),
  ];
}

function withHead(lines: string[], text: string): string {
  return lines.map(line => `# ${line}\n`).join('') + text;
}

function runLines({ plan, input }: Winner, runs: string[]): string[] {
  const all = jobsOf(plan).length;
  if (runs.length === 0) return [`Running it in ${plan.baseDir} runs nothing again: all ${all} jobs are done.`];
  const why =
    input.cache === false
      ? ' (the sweep kept its results to itself: --no-cache)'
      : ', since the config or a file that it reads has changed';
  return [`Running it in ${plan.baseDir} runs ${runs.length} of ${all} jobs again${why}: ${runs.join(', ')}`];
}

function refuseExisting(path: string): void {
  if (existsSync(path)) throw new CommandFailure(`${path} is there already: --force replaces it`);
}

async function write(path: string, text: string, force: boolean): Promise<void> {
  try {
    if (force) return await writeAtomically(path, text);
    if (!(await createOnce(path, text))) refuseExisting(path);
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    const why = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new CommandFailure(`${path} cannot be written: ${why}`, EXIT.badInput, { cause: error });
  }
}
