import { join } from 'node:path';
import { contextOf, lookUp } from '../../plan/context.ts';
import { type Json, jobsOf, type Plan } from '../../plan/plan.ts';
import type { IterationArgs, IterationEnd } from '../../plan/protocol.ts';
import { evaluateTargets, targetsMet } from '../../plan/targets.ts';
import { writeAtomically } from '../runtime/atomic.ts';
import { namedResults } from '../runtime/done.ts';
import { JobFailure } from '../runtime/failure.ts';
import { jobDir, readManifest } from '../runtime/job-dir.ts';
import { readPlan } from '../runtime/plan-file.ts';
import { trialDir } from '../runtime/trial-dir.ts';

/** These values travel through the workflow. */
const MAX_VALUE_CHARS = 16 * 1024;
const sizeOf = (value: Json | undefined) => JSON.stringify(value ?? null).length;

/** Gathers an iteration's results into context.json, judges its targets and says what the next iteration's config takes over. */
export async function finishIteration({ plan: ref, trial, skipped }: IterationArgs): Promise<IterationEnd> {
  const plan = await readPlan(ref);
  const results = await resultsOf(plan, skipped);
  const context = contextOf(plan, results);
  const text = `${JSON.stringify({ iteration: plan.iteration, context }, null, 2)}\n`;
  await writeAtomically(
    join(trialDir(plan.workDir, trial), plan.iteration === 1 ? 'context.json' : `context-${plan.iteration}.json`),
    text,
  );
  const ends = evaluateTargets(plan, results);
  return {
    targetsMet: targetsMet(plan, ends),
    targets: ends.map(({ target, value, met }) => ({ target, value: sizeOf(value) > 100 ? null : value, met })),
    iterValues: Object.fromEntries(
      plan.iterUpdater.flatMap(({ from, to, ref }) => {
        const value = lookUp(results, ref);
        if (sizeOf(value) > MAX_VALUE_CHARS)
          throw new JobFailure(
            `iter_updater: ${from} has ${Math.round(sizeOf(value) / 1024)} KiB, the next iteration takes ${MAX_VALUE_CHARS / 1024}: let the job write a file and hand its path on`,
          );
        return value === undefined ? [] : [[to, value]];
      }),
    ),
  };
}

async function resultsOf(plan: Plan, skipped: string[]): Promise<Map<string, Record<string, Json>>> {
  const results = new Map<string, Record<string, Json>>();
  for (const job of jobsOf(plan)) {
    const dir = jobDir(plan.workDir, job.key ?? '');
    const manifest = skipped.includes(job.id) ? null : await readManifest(dir);
    if (manifest) results.set(job.id, namedResults(job, dir, manifest));
  }
  return results;
}
