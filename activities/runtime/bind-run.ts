import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BoundJob, bindJob, edgePath } from '../../plan/bind.ts';
import type { ComponentRegistry } from '../../plan/component.ts';
import { nestedValue } from '../../plan/context.ts';
import type { Manifest } from '../../plan/manifest.ts';
import type { JsonObject, Plan, PlanJob } from '../../plan/plan.ts';
import { parseSource } from '../../plan/source.ts';
import { namedResults } from './done.ts';
import { JobFailure } from './failure.ts';
import { jobDir, readManifest } from './job-dir.ts';
import { jobIn } from './plan-file.ts';

/** A job's config as it runs, with what it needs and the keys of the jobs that made what goes in. */
export interface BoundRun extends BoundJob {
  needs: Record<string, { path: string; manifest: Manifest }>;
  producers: string[];
}

interface Producer {
  job: PlanJob & { key: string };
  dir: string;
  manifest: Manifest;
}

/**
 * Binds a job's config to the published results of the jobs before it. The config is written for the folder `out`.
 * @throws JobFailure when a job that it takes something from has no result (it was skipped) or the result is not what the config expects.
 */
export async function bindForRun(
  plan: Plan,
  job: PlanJob,
  out: string,
  registry: ComponentRegistry,
): Promise<BoundRun> {
  const producers = await producersOf(plan, job);
  const needs: BoundRun['needs'] = {};
  for (const { as, job: id } of job.needs) {
    const { dir, manifest } = producers.get(id)!;
    const path = manifest.provides[as];
    if (path === undefined) throw new JobFailure(`${id} has no ${as}, which ${job.id} needs`);
    needs[as] = { path: join(dir, path), manifest };
  }
  try {
    const bound = bindJob(job, {
      out,
      recipe: readConfig,
      result: ref => {
        const { job: producer, dir, manifest } = producers.get(ref.job)!;
        const value = namedResults(producer, dir, manifest)[ref.output];
        return value === undefined ? undefined : nestedValue(value, ref.nested);
      },
      edge: edge => {
        const { job: producer, dir, manifest } = producers.get(edge.job)!;
        return edgePath(
          edge,
          registry.find(spec => spec.name === producer.component),
          manifest,
          dir,
        );
      },
    });
    return { ...bound, needs, producers: [...producers.values()].map(producer => producer.job.key) };
  } catch (error) {
    throw new JobFailure((error as Error).message, { cause: error });
  }
}

async function producersOf(plan: Plan, job: PlanJob): Promise<Map<string, Producer>> {
  const ids = [
    ...job.inputs.map(input => input.ref.job),
    ...job.edges.map(edge => edge.job),
    ...job.needs.map(need => need.job),
  ];
  const producers = new Map<string, Producer>();
  for (const id of new Set(ids)) {
    const producer = jobIn(plan, id);
    const dir = jobDir(plan.workDir, producer.key);
    const manifest = await readManifest(dir);
    if (!manifest)
      throw new JobFailure(
        `${job.id} takes a result of ${id}, which has none (it was skipped, or its result was removed)`,
      );
    producers.set(id, { job: producer, dir, manifest });
  }
  return producers;
}

function readConfig(path: string): JsonObject {
  const { value, diagnostics } = parseSource(path, readFileSync(path, 'utf8'));
  if (!value) throw new Error(diagnostics[0]?.message ?? `${path} is no config`);
  return value as JsonObject;
}
