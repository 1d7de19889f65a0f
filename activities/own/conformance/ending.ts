import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Component, JobRun } from '../../component.ts';
import { Cancelled, WorkerShutdown } from '../../runtime/end-reason.ts';
import { epochDir, readManifest } from '../../runtime/job-dir.ts';
import { listSupervised, stopAll, under } from '../../runtime/supervised.ts';
import { type ExitRecord, readRecord, supervisorFiles } from '../../runtime/supervisor-files.ts';
import type { Attempt, JobBench } from './job-bench.ts';
import { outcomeOf } from './outcome.ts';

const ENDS_WITHIN_MS = 30_000;

/** Cancelled as it begins. */
export async function endsAtOnce(bench: JobBench): Promise<void> {
  await cancelled(bench, abort => ({ component: doingFirst(bench.under.component, abort) }));
}

/** Cancelled when it tells of progress for the first time; a program of its is then running. */
export async function endsHalfWay(bench: JobBench): Promise<void> {
  await cancelled(bench, abort => ({ onProgress: abort }));
}

async function cancelled(bench: JobBench, attemptOf: (abort: () => void) => Attempt): Promise<void> {
  await bench.forget();
  const controller = new AbortController();
  const wasCancelled = once(controller.signal, 'abort');
  const attempt = attemptOf(() => controller.abort(new Cancelled()));
  const ended = bench.attempt({ ...attempt, signal: controller.signal }).then(
    () => true,
    () => false,
  );
  const limit = bench.under.endsWithinMs ?? ENDS_WITHIN_MS;
  const late = new AbortController();
  const tooLate = wasCancelled.then(() => sleep(limit, null, { signal: late.signal })).catch(() => null);
  const published = await Promise.race([ended, tooLate]);
  late.abort();
  assert.notEqual(published, null, `it goes on ${limit} ms after it was cancelled; look at run.signal now and then`);
  // One that had done everything by then may publish; what was cancelled half-way may not.
  assert.equal((await readManifest(bench.dir)) !== null, published);
  assert.deepEqual((await listSupervised()).filter(await under(bench.dir)), [], 'a program of it still runs');
}

function doingFirst(component: Component, first: () => void): Component {
  return {
    ...component,
    run: run => {
      first();
      return component.run(run);
    },
  };
}

/** Its worker dies with everything on that host; another run begins anew and comes to the same. */
export async function beginsAgain(bench: JobBench): Promise<void> {
  const before = outcomeOf(await bench.published(), bench.under.varies ?? false);
  await bench.forget();
  const dead = dying(bench.under.component);
  const first = { component: dead.component, claim: await bench.claim(), signal: dead.signal, onProgress: dead.die };
  await assert.rejects(bench.attempt(first), { message: DIED });
  await stopAll({ under: bench.dir, reason: 'its host died' });
  await bench.attempt({ claim: await bench.claim() });
  await dead.over();
  assert.deepEqual(outcomeOf(await bench.manifest(), bench.under.varies ?? false), before);
}

const DIED = 'its worker died';

/** A component whose worker dies at the first progress: nobody waits for it any more, though it may go on for a while. */
function dying(component: Component) {
  const controller = new AbortController();
  const orphans: Promise<unknown>[] = [];
  const death = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(new Error(DIED)));
  });
  death.catch(() => {});
  const orDeath = <T>(work: Promise<T>): Promise<T> => {
    orphans.push(work);
    return Promise.race([death, work]);
  };
  const { runPart } = component;
  return {
    component: {
      ...component,
      run: (run: JobRun) => orDeath(component.run(run)),
      ...(runPart && { runPart: (run: JobRun, part: string) => orDeath(runPart(run, part)) }),
    },
    signal: controller.signal,
    die: ({ phase }: { phase?: string }): void => {
      controller.abort(new WorkerShutdown(DIED));
      // Nothing of the component's own waits any more.
      if (phase === 'publishing') throw new Error(DIED);
    },
    over: async () => void (await Promise.allSettled(orphans)),
  };
}

/** Its worker is replaced: the next one finds the program running, or ended, and starts none. */
export async function isAttachedTo(bench: JobBench): Promise<void> {
  const before = outcomeOf(await bench.published(), bench.under.varies ?? false);
  await bench.forget();
  const claim = await bench.claim();
  const leaving = new AbortController();
  const leave = () => leaving.abort(new WorkerShutdown());
  await bench.attempt({ claim, signal: leaving.signal, onProgress: leave }).catch(() => {});
  if (bench.programs === 0) return;
  await bench.attempt({ claim });
  const end = await readRecord<ExitRecord>(supervisorFiles(epochDir(bench.dir, claim.epoch)).exit);
  if (end) assert.equal(end.segment, 1, 'its program was started again');
  assert.deepEqual(outcomeOf(await bench.manifest(), bench.under.varies ?? false), before);
}
