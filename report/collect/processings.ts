// What processing did to data: which analyses are of what went in and came out, what each op left, which samples stayed.
import { join } from 'node:path';
import { origin } from '../figure.ts';
import type { Histogram, Processing, TrialJob } from '../model/trial.ts';
import { type DataPlaces, datasetOf, exportOf } from './data-places.ts';
import { examplesOf } from './examples.ts';
import { histogramOf } from './histograms.ts';
import { MOST_SAMPLES, readStats } from './stats-file.ts';

const KEPT = 'kept.';
const MOST = 5;

/** Every processing of a trial's jobs, in their order; where none processed, the analyses alone. */
export async function processingsOf(jobs: readonly TrialJob[], places: DataPlaces): Promise<Processing[]> {
  const found: Processing[] = [];
  const flows = jobs.filter(hasFlow);
  // Of many iterations the first and the last ones are looked at: all of them make no page.
  const chosen = flows.length > MOST ? [flows[0]!, ...flows.slice(1 - MOST)] : flows;
  for (const job of chosen) found.push(await processingOf(job, jobs, places));
  if (chosen.length < flows.length)
    found[0]!.notes.push(
      `${flows.length - chosen.length} processings between the first and the last ${MOST - 1} are left out.`,
    );
  if (found.length > 0) return found;
  const analyses = jobs.filter(isAnalysis);
  const [before] = analyses;
  if (!before) return [];
  const after = analyses.slice(1).findLast(each => sharesStats(each, before)) ?? null;
  return [await filled({ job: null, before, after }, places)];
}

/** Ops of it told what they left. */
const hasFlow = ({ manifest }: TrialJob) => Object.keys(manifest?.metrics ?? {}).some(name => name.startsWith(KEPT));
const isAnalysis = ({ manifest }: TrialJob) =>
  Object.keys(manifest?.metrics ?? {}).some(name => name.endsWith('.mean'));
const sharesStats = (a: TrialJob, b: TrialJob) =>
  Object.keys(b.manifest?.metrics ?? {}).some(name => name.endsWith('.mean') && name in (a.manifest?.metrics ?? {}));

async function processingOf(job: TrialJob, jobs: readonly TrialJob[], places: DataPlaces): Promise<Processing> {
  const analyses = jobs.filter(isAnalysis);
  const at = jobs.indexOf(job);
  const input = datasetOf(job, places);
  const output = exportOf(job, places);
  const earlier = analyses.filter(each => jobs.indexOf(each) < at);
  const before =
    earlier.findLast(each => input !== null && datasetOf(each, places) === input) ?? earlier.at(-1) ?? null;
  const later = analyses.filter(each => jobs.indexOf(each) > at);
  const after = later.find(each => output !== null && datasetOf(each, places) === output) ?? null;
  return await filled({ job, before, after }, places);
}

async function filled(
  { job, before, after }: Pick<Processing, 'job' | 'before' | 'after'>,
  places: DataPlaces,
): Promise<Processing> {
  const notes: string[] = [];
  const ops = Object.entries(job?.manifest?.metrics ?? {})
    .filter(([name]) => name.startsWith(KEPT))
    .map(([name, kept]) => ({
      name: name.slice(KEPT.length),
      kept,
      origin: origin(job!.manifestFile, 'metrics', name),
    }));
  const histograms = await histogramsOf({ job, before, after }, places, notes);
  const examples = job && (await examplesOf(job, before, places, notes));
  return { job, before, after, ops, histograms, examples, notes };
}

async function histogramsOf(
  { job, before, after }: Pick<Processing, 'job' | 'before' | 'after'>,
  places: DataPlaces,
  notes: string[],
): Promise<Histogram[]> {
  const files = {
    before: before && statsFileOf(before),
    after: (job && statsFileOf(job)) ?? (after && statsFileOf(after)),
  };
  if (before && files.before === null) notes.push(`${before.job.id} left no stats of its samples`);
  const [first, second] = files.before === null ? [files.after, null] : [files.before, files.after];
  if (first === null) return [];
  const read = async (file: string) => await readStats(join(places.workDir, file));
  const [a, b] = [await read(first), second === null ? null : await read(second)];
  if (a.samples === 0) notes.push(`${first} is gone or holds no stats: there are no histograms of it`);
  if (a.samples === MOST_SAMPLES || b?.samples === MOST_SAMPLES)
    notes.push(`Of very large data the first ${MOST_SAMPLES.toLocaleString('en-US')} samples are counted.`);
  return [...a.stats].flatMap(
    ([stat, values]) => histogramOf(stat, values, b?.stats.get(stat) ?? null, { before: first, after: second }) ?? [],
  );
}

/** The stats of single samples that a job published, relative to the work_dir. */
function statsFileOf({ key, manifest }: TrialJob): string | null {
  const file = manifest?.files.find(({ path }) => path.endsWith('_stats.jsonl'));
  return file ? `jobs/${key}/${file.path}` : null;
}
