import { realpath } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HoldAnswer, JobRef } from '../../plan/protocol.ts';
import { jobDir } from '../runtime/job-dir.ts';
import { jobIn, readPlan } from '../runtime/plan-file.ts';
import { isInside, listSupervised, type Supervised } from '../runtime/supervised.ts';
import { holdProgram } from '../runtime/supervisor-client.ts';

/** A job that has just begun starts its program within so long. */
const STARTING_MS = 5_000;
const LOOK_EVERY_MS = 250;

const ANSWERS: Record<Awaited<ReturnType<typeof holdProgram>>, HoldAnswer> = {
  asked: { asked: true, message: 'it saves a checkpoint' },
  waits: { asked: true, message: 'it ends after its next checkpoint' },
  cannot: { asked: false, message: 'its program saves no checkpoints' },
  ended: { asked: false, message: 'no program of it runs just now' },
};

/** Asks the program that runs for a claim to save a checkpoint and to end; says why not where it cannot. Does not wait for its end. */
export async function holdJob(ref: JobRef): Promise<HoldAnswer> {
  const plan = await readPlan(ref.plan);
  const dir = await realpath(jobDir(plan.workDir, jobIn(plan, ref.job).key));
  const program = await programIn(dir, ref.claim?.epoch ?? Number.POSITIVE_INFINITY);
  return ANSWERS[program ? await holdProgram(program.dir, program.supervisor.epoch) : 'ended'];
}

async function programIn(dir: string, upToEpoch: number): Promise<Supervised | null> {
  for (const until = performance.now() + STARTING_MS; ; await sleep(LOOK_EVERY_MS)) {
    const programs = await listSupervised();
    const own = programs.find(one => isInside(one.dir, dir) && one.supervisor.epoch <= upToEpoch);
    if (own) return own;
    if (performance.now() > until) return null;
  }
}
