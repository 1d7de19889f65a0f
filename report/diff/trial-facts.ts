// What a trial is and what came of it, as rows that two trials can be compared by.
import type { Json } from '../../plan/plan.ts';
import { type JobRecord, jobRecords, type TrialRecord } from '../collect/trial-record.ts';
import { flatten } from './flatten.ts';

export const SECTIONS = ['config', 'recipe', 'data', 'results'] as const;
export type Section = (typeof SECTIONS)[number];

/** What people read over a section. */
export const SECTION_TITLES: Readonly<Record<Section, string>> = {
  config: 'Config',
  recipe: 'Recipe (as it ran)',
  data: 'Data',
  results: 'Results',
};

/** A job's facts, by section and name. */
export interface JobFacts {
  job: string;
  component: string;
  key: string | null;
  done: boolean;
  facts: Record<Section, Map<string, Json>>;
}

/** Counts of samples are told as metrics: these are about the data and not about how good it is. */
const DATA_METRIC = /^(samples|samples_in|samples_out|pools|videos)$|^(kept|rows)\./;

/** The facts of the jobs of a trial's last iteration, in their order. */
export async function trialFacts(record: TrialRecord): Promise<JobFacts[]> {
  const last = { ...record, plans: record.plans.slice(-1) };
  return (await jobRecords(last)).map(factsOf);
}

function factsOf({ job, key, manifest }: JobRecord): JobFacts {
  const config = new Map<string, Json>();
  const recipe = new Map<string, Json>();
  for (const [name, value] of flatten(job.config as unknown as Json)) {
    if (!name.startsWith('dj_configs.process')) config.set(name, value);
    else recipe.set(name.slice('dj_configs.process.'.length), value);
  }
  // A recipe that an earlier job made or refined is known once the job has run.
  const ran = manifest?.config?.dj_configs?.process;
  const asRan = ran === undefined ? recipe : flatten(ran);
  const data = new Map<string, Json>();
  for (const read of job.reads ?? []) {
    data.set(`${read.at} path`, read.path);
    data.set(`${read.at} sha256`, read.fingerprint);
  }
  const results = new Map<string, Json>();
  for (const [name, value] of Object.entries(manifest?.metrics ?? {}))
    (DATA_METRIC.test(name) ? data : results).set(name, value);
  return {
    job: job.id,
    component: job.component,
    key,
    done: manifest !== null,
    facts: { config, recipe: asRan, data, results },
  };
}
