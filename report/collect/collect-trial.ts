import { join } from 'node:path';
import { catalogue } from '../../activities/catalogue.ts';
import type { JobState } from '../../plan/protocol.ts';
import { explainTrial } from '../explain/explain-trial.ts';
import type { CollectOptions } from '../model/report.ts';
import type { ClipWish, Curve, LostWork, Span, TrialJob, TrialModel } from '../model/trial.ts';
import { firstPlanAt } from './plan-times.ts';
import { processingsOf } from './processings.ts';
import { curvesOf } from './program-curves.ts';
import { refinedRecipes } from './refined-recipes.ts';
import { runsOf } from './spans.ts';
import { trainedKeys } from './trained.ts';
import { jobRecords, readTrialRecord } from './trial-record.ts';
import { trialWall } from './trial-wall.ts';

/** Reads what a trial left in its work_dir; null where it has no plan there. */
export async function collectTrial(options: CollectOptions): Promise<TrialModel | null> {
  const { id, workDir, now, said = null, onProgress, signal } = options;
  const record = await readTrialRecord(workDir, id);
  if (!record) return null;
  onProgress?.('reading manifests');
  const records = await jobRecords(record);
  const explained = await explainTrial(record, null);
  const lacking = [...record.lacking, ...records.flatMap(({ damaged }) => damaged ?? [])];
  const trained = trainedKeys(records);
  const jobs: TrialJob[] = records.map(({ job, iteration, key, manifest }, i) => ({
    job,
    iteration,
    key,
    manifest,
    manifestFile: `jobs/${key}/manifest.json`,
    explained: explained[i]!,
    trained: key !== null && trained.has(key),
  }));
  for (const { job, manifest, key } of jobs)
    if (!manifest && key !== null && said?.state === 'done')
      lacking.push(`job ${job.id} has no manifest: its folder jobs/${key} was removed or is damaged`);
  const { plan } = record.plans.at(-1)!;

  onProgress?.('reading metrics');
  const curves: Curve[] = [];
  for (const each of records) curves.push(...(await curvesOf(each, workDir)));
  const runs = { spans: [] as Span[], lost: [] as LostWork[] };
  for (const job of jobs.filter(({ explained: { state } }) => state !== 'reused')) {
    const { spans, lost } = await runsOf(job, workDir, now);
    runs.spans.push(...spans);
    runs.lost.push(...lost);
  }

  onProgress?.('reading data');
  const processing = await processingsOf(jobs, {
    workDir,
    baseDir: plan.baseDir ?? workDir,
    catalogue: catalogue(),
    signal,
  });
  const recipes = await refinedRecipes(jobs, workDir, lacking);
  const videos = await trialWall(id, workDir, jobs, records);

  const shown = new Map<string, ClipWish>();
  for (const path of processing
    .flatMap(({ examples }) => [...(examples?.kept ?? []), ...(examples?.dropped ?? [])])
    .flatMap(({ clips }) => clips.slice(0, 4)))
    shown.set(path, { path, play: false });
  for (const file of videos.rows.flatMap(({ files }) => files))
    if (file !== null) shown.set(join(workDir, file), { path: join(workDir, file), play: true });
  const wishes = [...shown.values()];
  const seen = wishes.length > 0 && options.seeClips ? await options.seeClips(wishes) : {};
  if (seen === null)
    lacking.push(
      'clips are shown without pictures and as they are: the Python environment that reads them (train) is not set up',
    );

  return {
    kind: 'trial',
    id,
    workDir,
    madeAt: now,
    said,
    lacking,
    project: plan.projectName,
    experiment: plan.experimentName,
    baseDir: plan.baseDir ?? '',
    state: said?.state ?? stateOnDisk(explained.map(({ state }) => state)),
    iterations: record.plans.length,
    begunAt: said?.startedAt ?? (await firstPlanAt(record.dir)),
    endedAt:
      said?.closedAt ??
      lastEnd(
        runs.spans,
        explained.map(({ state }) => state),
      ),
    jobs,
    processing,
    recipes,
    curves,
    videos,
    spans: runs.spans,
    lost: runs.lost,
    clips: seen ?? {},
    sources: plan.sources ?? [],
  };
}

/** What the states of a trial's jobs come to, where no server says. */
function stateOnDisk(states: readonly JobState[]): string {
  const has = (...wanted: JobState[]) => states.some(state => wanted.includes(state));
  if (has('running', 'claiming')) return 'running';
  if (has('failed')) return 'failed';
  if (has('held')) return 'held';
  return has('pending') ? 'not finished' : 'done';
}

function lastEnd(spans: readonly Span[], states: readonly JobState[]): number | null {
  if (states.includes('running') || spans.length === 0) return null;
  return Math.max(...spans.map(({ to }) => to));
}
