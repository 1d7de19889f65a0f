import { resolve } from 'node:path';
import { catalogue } from '../../activities/catalogue.ts';
import { registry } from '../../activities/components.ts';
import { files } from '../../activities/runtime/files.ts';
import type { StudyInput } from '../../plan/protocol.ts';
import { resolveStudy, type StudyResolved } from '../../plan/study/resolve-study.ts';
import { newTrialId, trialId } from '../arguments.ts';
import { type ConfigToCompile, countErrors, nameOf, reportDiagnostics } from '../compile-config.ts';
import type { Server } from '../connect.ts';
import { EXIT } from '../failure.ts';
import { type StartOptions, startAndFollow } from '../start-and-follow.ts';
import { startParent } from '../trials.ts';
import { followedStudy } from './followed-study.ts';

export interface StudyRequest extends ConfigToCompile, StartOptions {
  /** Path of a study file, relative to `baseDir`. */
  study: string;
  ops?: string[] | undefined;
  concurrency?: number | undefined;
  /** False: every job of every trial runs again. */
  cache?: boolean | undefined;
  id?: string | undefined;
}

/** Checks a config and its study file, starts the study and watches it; returns the exit code. */
export async function runStudy(request: StudyRequest): Promise<number> {
  const { config } = request;
  if (request.id !== undefined) trialId(request.id);
  const resolved = resolveAsWorker(request);
  if (!resolved.ok) {
    reportDiagnostics(resolved.diagnostics);
    const errors = resolved.diagnostics.filter(each => each.severity === 'error');
    process.stderr.write(`${countErrors(config, errors)} and its study: nothing was started\n`);
    return EXIT.badInput;
  }
  reportDiagnostics(resolved.warnings);
  const id = request.id ?? newTrialId(resolved.spec.name ?? resolved.plan.experimentName);
  const start = (server: Server) =>
    startParent(server, 'study', inputOf(request), { id, ...describe(request, resolved) });
  return await startAndFollow(followedStudy, id, start, request);
}

/** Resolves a study as the control worker would. */
function resolveAsWorker({ config, study, set, baseDir, workDir, ops, concurrency }: StudyRequest): StudyResolved {
  return resolveStudy(
    {
      config: typeof config === 'string' ? resolve(baseDir, config) : config,
      study,
      set,
      baseDir,
      ...(workDir && { workDir }),
      ...(ops && { ops }),
      ...(concurrency !== undefined && { concurrency }),
    },
    { registry, files, catalogue: catalogue() },
  );
}

function inputOf({ config, study, set, workDir, baseDir, ops, concurrency, cache = true }: StudyRequest): StudyInput {
  return {
    config,
    study,
    baseDir,
    ...(Object.keys(set).length > 0 && { set }),
    ...(workDir !== undefined && { workDir }),
    ...(ops !== undefined && { ops }),
    ...(concurrency !== undefined && { concurrency }),
    ...(!cache && { cache }),
  };
}

/** What the Web UI shows of it. */
function describe({ config, study, baseDir }: StudyRequest, { plan, spec }: Extract<StudyResolved, { ok: true }>) {
  const { projectName: project, experimentName: experiment, workDir } = plan;
  return {
    project,
    experiment,
    summary: `pool study of ${project} / ${experiment}: ${spec.ops.length} ops, ${spec.seeds.length} seeds`,
    details: [
      `\`${nameOf(config)}\` by \`${study}\` in \`${baseDir}\`: ${spec.metric.goal} \`${spec.metric.name}\`, results in \`${workDir}\``,
      ...spec.ops.map(({ op, stats }) => `- \`${op}\`: ${stats.join(', ')}`),
    ].join('\n'),
  };
}
