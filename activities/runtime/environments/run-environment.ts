import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { canonical } from '../../../plan/canonical.ts';
import type { EnvironmentRecord } from '../../../plan/manifest.ts';
import type { Json, PlanJob } from '../../../plan/plan.ts';
import { writeAtomically } from '../atomic.ts';
import { JobFailure } from '../failure.ts';
import { hashFile } from '../fingerprint.ts';
import { programDirs } from '../job-programs.ts';
import type { EnvironmentName } from '../paths.ts';
import { readRecord } from '../supervisor-files.ts';
import type { Environment, EnvironmentChoice } from './environment.ts';
import { type ResolvedEnvironment, resolveEnvironment } from './resolve.ts';

const RECORD = /^environment-[0-9a-f]{8}\.json$/;

interface Options {
  job: Pick<PlanJob, 'reads'>;
  /** The run's folder. */
  dir: string;
  signal: AbortSignal;
  /** Told where an environment is made first. */
  onPhase: (phase: string) => void;
}

/**
 * The environment that a run's config chooses. What was chosen is written down in the run's folder: who attaches to its program later gets the
 * same, whatever has become of requirements since, and the manifest tells of it.
 */
export async function runEnvironment(
  choice: EnvironmentChoice,
  locked: EnvironmentName | undefined,
  { job, dir, signal, onPhase }: Options,
): Promise<Environment> {
  const { launcher, env_name, env_manager, env_params, requirements, env_network } = choice;
  const asked = { launcher: { python: launcher?.python }, env_name, env_manager, env_params, requirements };
  const file = join(dir, `environment-${hashOf(asked)}.json`);
  const kept = await readRecord<ResolvedEnvironment>(file);
  if (kept && isThere(kept.environment)) return kept.environment;
  await assertAsPlanned(job);
  const { environment, record } = await resolveEnvironment(asked, locked, {
    signal,
    network: env_network === true,
    onMaking: () => onPhase(`making the ${env_manager ?? 'conda'} environment ${env_name ?? ''}`.trimEnd()),
  });
  if (record !== null) await writeAtomically(file, JSON.stringify({ environment, record }));
  return environment;
}

function hashOf(choice: EnvironmentChoice): string {
  const text = canonical(JSON.parse(JSON.stringify(choice)) as Json);
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

/** Conda's own are looked for by conda. */
function isThere({ python: [program = ''] }: Environment): boolean {
  return !program.includes('/') || existsSync(program);
}

/** A job's key tells of its requirements as they were when its trial was planned: with others the result would be another job's. */
async function assertAsPlanned({ reads }: Pick<PlanJob, 'reads'>): Promise<void> {
  for (const { at, path, fingerprint } of reads) {
    if (!/^extra_configs\.(?:requirements(?:\.|$)|env_params\.)/.test(at)) continue;
    // The folder of a package is used as it is.
    const hash = await hashFile(path).catch((error: NodeJS.ErrnoException) => (error.code === 'EISDIR' ? null : ''));
    if (hash !== null && fingerprint !== null && hash !== fingerprint)
      throw new JobFailure(
        `${path} was ${hash === '' ? 'removed' : 'changed'} after this trial was planned: start it again, so that the job's key is of what it says now`,
      );
  }
}

/** What the environments of a job's runs had in them: of the run in `dir`, and of all its parts. */
export async function environmentRecords(jobDir: string, dir: string): Promise<EnvironmentRecord[]> {
  const parts = (await programDirs(jobDir)).filter(folder => folder.startsWith(join(jobDir, 'parts')));
  const found = new Map<string, EnvironmentRecord>();
  for (const folder of [dir, ...parts]) {
    const names = (await readdir(folder)).filter(name => RECORD.test(name)).sort();
    for (const name of names) {
      const kept = await readRecord<{ record: EnvironmentRecord }>(join(folder, name));
      if (kept) found.set(JSON.stringify(kept.record), kept.record);
    }
  }
  return [...found.values()];
}
