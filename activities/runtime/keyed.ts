import { join } from 'node:path';
import type { ComponentRegistry } from '../../plan/component.ts';
import { fingerprintName, keyPlan } from '../../plan/keys.ts';
import { jobsOf, type Plan } from '../../plan/plan.ts';
import { Fingerprints } from './fingerprint.ts';

/** A plan with the fingerprints of what it reads and the keys of its jobs. Reads the files (once: hashes are remembered), writes nothing but that memory. */
export async function keyed(
  plan: Plan,
  registry: ComponentRegistry,
  run?: string,
  runs?: Record<string, string>,
): Promise<Plan> {
  const fingerprints = new Fingerprints(join(plan.workDir, 'fingerprints.json'));
  const found = new Map<string, string | null>();
  for (const read of jobsOf(plan).flatMap(job => job.reads)) {
    const name = fingerprintName(read);
    if (!found.has(name)) found.set(name, await fingerprints.of(read.path, read.content));
  }
  await fingerprints.save().catch(() => {});
  return keyPlan(plan, registry, found, run, runs);
}
