import { jobsOf, type Plan } from '../plan/plan.ts';
import { newTrialId, trialId } from './arguments.ts';
import { type ConfigToCompile, compileConfig, countErrors, nameOf, reportDiagnostics } from './compile-config.ts';
import type { Server } from './connect.ts';
import { EXIT } from './failure.ts';
import { followedTrial } from './followed-trial.ts';
import { namesSweepFile } from './resolve-sweep.ts';
import { type StartOptions, startAndFollow } from './start-and-follow.ts';
import { runSweep } from './sweep/run-sweep.ts';
import { startTrial } from './trials.ts';

export interface RunRequest extends ConfigToCompile, StartOptions {
  id?: string | undefined;
  /** Job id → whose result of that job is taken, where it is not the one that all trials share. */
  runs?: Record<string, string> | undefined;
  /** False: every job runs again. */
  cache?: boolean | undefined;
  /** A config that names a sweep file starts that sweep; default: the one trial that it describes. */
  sweep?: boolean | undefined;
}

/** Checks a config, starts a trial (or sweep) of it and watches it; returns the exit code. */
export async function runTrial(request: RunRequest): Promise<number> {
  const { config } = request;
  if (request.id !== undefined) trialId(request.id);
  if (request.sweep && namesSweepFile(request)) return await runSweep({ ...request, sweep: undefined });
  const compiled = compileConfig(request);
  if (!compiled.ok) {
    reportDiagnostics([...compiled.errors, ...compiled.warnings]);
    process.stderr.write(`${countErrors(config, compiled.errors)}: nothing was started\n`);
    return EXIT.badInput;
  }
  reportDiagnostics(compiled.warnings);
  const id = request.id ?? newTrialId(compiled.plan.experimentName);
  return await startAndFollow(followedTrial, id, server => start(server, id, request, compiled.plan), request);
}

async function start(server: Server, id: string, request: RunRequest, plan: Plan) {
  const { config, set, baseDir, workDir, runs = {}, cache = true } = request;
  const jobs = jobsOf(plan);
  const input = {
    config,
    baseDir,
    ...(Object.keys(set).length > 0 ? { set } : {}),
    ...(workDir ? { workDir } : {}),
    ...(Object.keys(runs).length > 0 ? { runs } : {}),
    ...(cache ? {} : { cache }),
  };
  return await startTrial(server, input, {
    id,
    project: plan.projectName,
    experiment: plan.experimentName,
    summary: `${plan.projectName} / ${plan.experimentName}`,
    details: [
      `\`${nameOf(config)}\` in \`${baseDir}\`: ${jobs.length} jobs, results in \`${plan.workDir}\``,
      ...Object.entries(set).map(([path, value]) => `- \`${path}\` = \`${JSON.stringify(value)}\``),
    ].join('\n'),
  });
}
