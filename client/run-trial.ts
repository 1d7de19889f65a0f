import { jobsOf, type Plan } from '../plan/plan.ts';
import { newTrialId, trialId } from './arguments.ts';
import { type ConfigToCompile, compileConfig, countErrors, nameOf, reportDiagnostics } from './compile-config.ts';
import { connectToStart, type Server } from './connect.ts';
import { EXIT } from './failure.ts';
import { exitCodeOf, follow } from './follow.ts';
import { observe } from './observe.ts';
import { printJson } from './output.ts';
import { namesSweepFile } from './resolve-sweep.ts';
import { statusJson } from './status-view.ts';
import { runSweep } from './sweep/run-sweep.ts';
import { startTrial } from './trials.ts';

export interface RunRequest extends ConfigToCompile {
  id?: string | undefined;
  detach?: boolean | undefined;
  json?: boolean | undefined;
  /** Job id → whose result of that job is taken, where it is not the one that all trials share. */
  runs?: Record<string, string> | undefined;
  /** False: every job runs again. */
  cache?: boolean | undefined;
  /** A config that names a sweep file starts that sweep; default: the one trial that it describes. */
  sweep?: boolean | undefined;
  /** Ends the watching; default Ctrl-C and the like. */
  signal?: AbortSignal | undefined;
}

/** Checks a config, starts a trial (or sweep) of it and watches it; returns the exit code. */
export async function runTrial(request: RunRequest): Promise<number> {
  const { config, detach = false, json = false } = request;
  if (request.id !== undefined) trialId(request.id);
  if (request.sweep && namesSweepFile(request)) return await runSweep({ ...request, sweep: undefined });
  const compiled = compileConfig(request);
  if (!compiled.ok) {
    reportDiagnostics([...compiled.errors, ...compiled.warnings]);
    process.stderr.write(`${countErrors(config, compiled.errors)}: nothing was started\n`);
    return EXIT.badInput;
  }
  reportDiagnostics(compiled.warnings);
  const server = await connectToStart();
  try {
    const id = request.id ?? newTrialId(compiled.plan.experimentName);
    const { runId } = await start(server, id, request, compiled.plan);
    const ui = server.ui && `${server.ui}/${encodeURIComponent(id)}`;
    if (detach && json) printJson({ id, runId, ui });
    if (json && !detach) return await watchAsJson(server, id);
    if (!json) console.log(`trial ${id} started${ui ? `: ${ui}` : ''}`);
    if (!detach) return await follow(server, id, { signal: request.signal });
    if (!json) console.log(`Watch it: dj-sandbox watch ${id}   Stop it: dj-sandbox stop ${id}`);
    return EXIT.done;
  } finally {
    await server.close();
  }
}

async function watchAsJson(server: Server, id: string): Promise<number> {
  await follow(server, id, { stream: process.stderr });
  const snapshot = await observe(server, id);
  printJson(statusJson(snapshot));
  return exitCodeOf(snapshot);
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
