import { join } from 'node:path';
import { contextOf, lookUp } from '../../plan/context.ts';
import { type Json, jobsOf, type Plan } from '../../plan/plan.ts';
import type { IterationArgs, IterationEnd } from '../../plan/protocol.ts';
import { evaluateTargets, targetsMet } from '../../plan/targets.ts';
import { writeAtomically } from '../runtime/atomic.ts';
import { namedResults } from '../runtime/done.ts';
import { jobDir, readManifest } from '../runtime/job-dir.ts';
import { readPlan } from '../runtime/plan-file.ts';
import { trialDir } from '../runtime/trial-dir.ts';

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
    targets: ends,
    iterValues: Object.fromEntries(
      plan.iterUpdater.flatMap(update => {
        const value = lookUp(results, update.ref);
        return value === undefined ? [] : [[update.to, value]];
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
