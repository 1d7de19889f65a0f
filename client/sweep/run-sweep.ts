import type { SweepInput } from '../../plan/protocol.ts';
import type { SweepResolved } from '../../plan/sweep/resolve-sweep.ts';
import { newTrialId, trialId } from '../arguments.ts';
import { countErrors, nameOf, reportDiagnostics } from '../compile-config.ts';
import type { Server } from '../connect.ts';
import { EXIT } from '../failure.ts';
import { resolveSweepOf, type SweepToResolve } from '../resolve-sweep.ts';
import { type StartOptions, startAndFollow } from '../start-and-follow.ts';
import { startParent } from '../trials.ts';
import { followedSweep } from './followed-sweep.ts';

export interface SweepRequest extends SweepToResolve, StartOptions {
  /** False: every job of every trial runs again. */
  cache?: boolean | undefined;
  id?: string | undefined;
}

type Resolved = Extract<SweepResolved, { ok: true }>;

/** Checks a config and its sweep file, starts the sweep and watches it; returns the exit code. */
export async function runSweep(request: SweepRequest): Promise<number> {
  const { config } = request;
  if (request.id !== undefined) trialId(request.id);
  const resolved = resolveSweepOf(request);
  if (!resolved.ok) {
    reportDiagnostics(resolved.diagnostics);
    const errors = resolved.diagnostics.filter(each => each.severity === 'error');
    process.stderr.write(`${countErrors(config, errors)} and its sweep: nothing was started\n`);
    return EXIT.badInput;
  }
  reportDiagnostics(resolved.warnings);
  const id = request.id ?? newTrialId(resolved.spec.name ?? resolved.plan.experimentName);
  const start = (server: Server) =>
    startParent(server, 'sweep', inputOf(request), { id, ...describe(request, resolved) });
  return await startAndFollow(followedSweep, id, start, request);
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
