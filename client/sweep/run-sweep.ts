import type { SweepInput } from '../../plan/protocol.ts';
import type { SweepResolved } from '../../plan/sweep/resolve-sweep.ts';
import { newTrialId, trialId } from '../arguments.ts';
import { countErrors, nameOf, reportDiagnostics } from '../compile-config.ts';
import { connectToStart, type Server } from '../connect.ts';
import { EXIT } from '../failure.ts';
import { printJson } from '../output.ts';
import { resolveSweepOf, type SweepToResolve } from '../resolve-sweep.ts';
import { startParent } from '../trials.ts';
import { followSweep, sweepExitCode } from './follow-sweep.ts';
import { observeSweep } from './observe-sweep.ts';
import { sweepJson } from './sweep-status.ts';

export interface SweepRequest extends SweepToResolve {
  /** False: every job of every trial runs again. */
  cache?: boolean | undefined;
  id?: string | undefined;
  detach?: boolean | undefined;
  json?: boolean | undefined;
  /** Ends the watching; default Ctrl-C and the like. */
  signal?: AbortSignal | undefined;
}

type Resolved = Extract<SweepResolved, { ok: true }>;

/** Checks a config and its sweep file, starts the sweep and watches it; returns the exit code. */
export async function runSweep(request: SweepRequest): Promise<number> {
  const { config, detach = false, json = false } = request;
  if (request.id !== undefined) trialId(request.id);
  const resolved = resolveSweepOf(request);
  if (!resolved.ok) {
    reportDiagnostics(resolved.diagnostics);
    const errors = resolved.diagnostics.filter(each => each.severity === 'error');
    process.stderr.write(`${countErrors(config, errors)} and its sweep: nothing was started\n`);
    return EXIT.badInput;
  }
  reportDiagnostics(resolved.warnings);
  const server = await connectToStart();
  try {
    const id = request.id ?? newTrialId(resolved.spec.name ?? resolved.plan.experimentName);
    const { runId } = await startParent(server, 'sweep', inputOf(request), { id, ...describe(request, resolved) });
    const ui = server.ui && `${server.ui}/${encodeURIComponent(id)}`;
    if (detach && json) printJson({ id, runId, ui });
    if (json && !detach) return await watchAsJson(server, id);
    if (!json) console.log(`sweep ${id} started${ui ? `: ${ui}` : ''}`);
    if (!detach) return await followSweep(server, id, { signal: request.signal });
    if (!json) console.log(`Watch it: dj-sandbox watch ${id}   Stop it: dj-sandbox sweep stop ${id}`);
    return EXIT.done;
  } finally {
    await server.close();
  }
}

async function watchAsJson(server: Server, id: string): Promise<number> {
  await followSweep(server, id, { stream: process.stderr });
  const snapshot = await observeSweep(server, id);
  printJson(sweepJson(snapshot));
  return sweepExitCode(snapshot);
}

function inputOf({ config, set, workDir, baseDir, sweep, concurrency, seed, cache = true }: SweepRequest): SweepInput {
  return {
    config,
    baseDir,
    ...(Object.keys(set).length > 0 && { set }),
    ...(workDir !== undefined && { workDir }),
    ...(sweep !== undefined && { sweep }),
    ...(concurrency !== undefined && { concurrency }),
    ...(seed !== undefined && { seed }),
    ...(!cache && { cache }),
  };
}

/** What the Web UI shows of it. */
function describe({ config, set, baseDir }: SweepRequest, { plan, spec }: Resolved) {
  const { projectName: project, experimentName: experiment, workDir } = plan;
  const [metric] = spec.metrics;
  const cap = spec.budget.runCap === null ? '' : `, ${spec.budget.runCap} trials`;
  return {
    project,
    experiment,
    summary: `sweep of ${project} / ${experiment}: ${spec.sampler}${cap}`,
    details: [
      `\`${nameOf(config)}\` in \`${baseDir}\`: ${metric?.goal} \`${metric?.name}\`, results in \`${workDir}\``,
      ...spec.space.map(({ name, distribution }) => `- \`${name}\`: ${distribution.kind}`),
      ...Object.entries(set).map(([path, value]) => `- \`${path}\` = \`${JSON.stringify(value)}\``),
    ].join('\n'),
  };
}
