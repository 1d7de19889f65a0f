import { resolve } from 'node:path';
import { clip } from '../../plan/clip.ts';
import { compile } from '../../plan/compile.ts';
import { formatDiagnostic } from '../../plan/diagnostic.ts';
import { durabilityOf } from '../../plan/durability.ts';
import { jobsOf, type Plan } from '../../plan/plan.ts';
import type { CompileArgs, RungPlan, SkeletonJob, TrialSkeleton } from '../../plan/protocol.ts';
import { rungJob } from '../../plan/rung-job.ts';
import { catalogue } from '../catalogue.ts';
import { registry } from '../components.ts';
import { files } from '../runtime/files.ts';
import { keyed } from '../runtime/keyed.ts';
import { writePlan } from '../runtime/plan-file.ts';
import { changedPlanPath, planPath, trialDir } from '../runtime/trial-dir.ts';
import { configError, notRunnable } from './config-error.ts';

const MAX_NOTES = 20;
const NOTE_CHARS = 500;
const TITLE_CHARS = 80;
/** Far above any plan of this kind, well under what the server takes (2 MB, in which a character may need four bytes). */
const MAX_SKELETON_CHARS = 384 * 1024;

/**
 * Compiles a trial's config for one iteration and writes the plan into the trial's folder; every error of every file is in the failure.
 * `onPlan` is told of the plan.
 */
export async function compileTrial(
  { input, trial, iteration, iterValues, changed }: CompileArgs,
  onPlan: (plan: Plan) => void = () => {},
): Promise<TrialSkeleton> {
  const baseDir = resolve(input.baseDir ?? process.cwd());
  const config = typeof input.config === 'string' ? resolve(baseDir, input.config) : input.config;
  const compiled = compile(
    {
      config,
      set: input.set ?? {},
      baseDir,
      ...(input.workDir ? { workDir: input.workDir } : {}),
      iteration,
      iterValues: iterValues ?? {},
      // Trials of a sweep would overwrite each other there.
      ...(input.sweep && { publishNamed: false }),
    },
    registry,
    files,
    catalogue(),
  );
  if (!compiled.ok)
    throw configError(compiled.diagnostics.filter(one => one.severity === 'error').map(formatDiagnostic));
  const unable = notRunnable(compiled.plan);
  if (unable.length > 0) throw configError(unable);
  if (input.cache === false) for (const job of jobsOf(compiled.plan)) job.cache = false;
  const told = rungsOf(compiled.plan, iteration, input.sweep?.rungs);
  const plan = await keyed(compiled.plan, registry, `${trial.id}/${trial.runId}`, iteration === 1 ? input.runs : {});
  const notes = [...plan.notes, ...compiled.warnings.map(formatDiagnostic), ...(told?.notes ?? [])];
  if (input.baseDir === undefined)
    notes.unshift(`relative paths start at ${baseDir}, the control worker's folder (baseDir was not given)`);
  const folder = trialDir(plan.workDir, trial);
  const path = changed ? changedPlanPath(folder, iteration) : planPath(folder, iteration);
  const skeleton: TrialSkeleton = {
    project: plan.projectName,
    experiment: plan.experimentName,
    workDir: plan.workDir,
    trialDir: folder,
    plan: await writePlan(path, { ...plan, notes }),
    iteration,
    maxIterNum: plan.maxIterNum,
    jobs: jobsOf(plan).map(job => ({ ...skeletonOf(job), ...(job.id === told?.id && { rungs: told.rungs }) })),
    notes: notes.slice(0, MAX_NOTES).map(note => clip(note, NOTE_CHARS)),
  };
  const characters = JSON.stringify(skeleton).length;
  if (characters <= MAX_SKELETON_CHARS) {
    onPlan(plan);
    return skeleton;
  }
  throw configError([
    `${skeleton.jobs.length} jobs with their names make ${Math.round(characters / 1024)} KiB, a trial can have ${MAX_SKELETON_CHARS / 1024}: shorten pipeline and meta_name, or make several configs of it`,
  ]);
}

/** Which job tells its sweep how it goes: only in the first iteration, as later ones train anew. */
function rungsOf(plan: Plan, iteration: number, rungs: RungPlan | undefined) {
  if (!rungs || rungs.steps.length === 0 || iteration > 1) return null;
  const found = rungJob(jobsOf(plan), registry, rungs);
  if (typeof found === 'string') throw configError([found]);
  const { id, component } = found.job;
  const notes =
    rungs.waits && !found.rungs.waits
      ? [`${id} cannot wait at rungs (${component} saves no checkpoints): it tells its sweep how it goes, and goes on`]
      : [];
  return { id, rungs: found.rungs, notes };
}

function skeletonOf(job: Plan['pipelines'][number]['stages'][number]['jobs'][number]): SkeletonJob {
  const { hostGraceMs, stickToHost } = durabilityOf(job);
  return {
    id: job.id,
    pipeline: job.pipeline,
    stage: job.stage,
    hook: job.hook,
    metaName: job.metaName,
    activity: job.component,
    title: job.metaName === 'anonymous_meta_name' ? job.component : clip(job.metaName, TITLE_CHARS),
    key: job.key ?? '',
    tag: job.resources.tag,
    claims: job.claims,
    parts: job.parts,
    onFailure: job.onFailure,
    ...(job.claims && { hostGraceMs, ...(stickToHost && { stickToHost }) }),
  };
}
