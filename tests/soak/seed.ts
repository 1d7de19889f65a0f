import { setTimeout as sleep } from 'node:timers/promises';
import { ChaosSandbox } from './chaos-sandbox.ts';
import { type Fault, faultName, faultsOf, inflict } from './faults.ts';
import { type Ended, type Findings, inspect } from './invariants.ts';
import { VICTIMS, type Victim } from './processes.ts';
import { Random } from './random.ts';
import type { TrialShape } from './trials.ts';

/** How one seed went. */
export interface SeedReport extends Findings {
  seed: number;
  faults: string[];
  seconds: number;
  /** Where a failing seed's sandbox is left. */
  folder: string | null;
}

const LIMIT_MS = 240_000;

/** What a seed decides: the trials, and what happens to them. */
export function planOf(seed: number, trials: number, victims: readonly Victim[] = VICTIMS) {
  const random = new Random(seed);
  const shapes = Array.from({ length: trials }, (_, i): TrialShape => {
    // Now and then two trials need the same training.
    const same = i > 0 && random.next() < 0.25;
    return { seed: same ? 1 : i + 1, steps: 50, checkpointEvery: 7 };
  });
  return { shapes, faults: faultsOf(random, victims), random };
}

/** Runs the trials of a seed in a sandbox of their own while its faults happen, and looks at what is left. */
export async function runSeed(seed: number, trials: number, victims?: readonly Victim[]): Promise<SeedReport> {
  const { shapes, faults, random } = planOf(seed, trials, victims);
  const start = Date.now();
  const chaos = await ChaosSandbox.start();
  const ids = shapes.map((_, i) => `soak-${i + 1}`);
  let happened: Fault[] = [];
  const findings: Findings = { broken: [], restarts: 0, stepsLost: 0, mostLost: 0 };
  const work = async () => {
    for (const [i, id] of ids.entries()) await chaos.startTrial(id, shapes[i]!);
    happened = await inflict(chaos.folder, faults, random);
    const results = await Promise.all(ids.map(id => chaos.resultOf(id)));
    const ended = results.map((result, i): Ended => ({ result, shape: shapes[i]! }));
    const left = await chaos.leftOvers();
    Object.assign(findings, await inspect(chaos.ledger, ended));
    findings.broken.push(...left);
  };
  try {
    await Promise.race([work(), sleep(LIMIT_MS, undefined, { ref: false }).then(() => giveUp(chaos, ids))]);
  } catch (error) {
    findings.broken.push(sentences(error));
  }
  findings.broken.push(...(await chaos.stop(findings.broken.length > 0)));
  const broken = [...new Set(findings.broken)];
  return {
    ...findings,
    broken,
    seed,
    faults: happened.map(faultName),
    seconds: (Date.now() - start) / 1000,
    folder: broken.length > 0 ? chaos.folder : null,
  };
}

/** Where the trials hang. */
async function giveUp(chaos: ChaosSandbox, ids: readonly string[]): Promise<never> {
  const where = await Promise.all(
    ids.map(async id => {
      const progress = await chaos.progressOf(id);
      const jobs = progress?.jobs.map(job => `${job.id} ${job.state}`).join(', ');
      return `${id}: ${progress?.state ?? 'no answer'} (${progress?.waitingFor ?? jobs})`;
    }),
  );
  throw new Error(`not done after ${LIMIT_MS / 1000} s: ${where.join('; ')}`);
}

/** An error with its causes. */
function sentences(error: unknown): string {
  const texts: string[] = [];
  for (let one = error; one instanceof Error; one = one.cause) texts.push(one.message);
  return texts.join(': ') || String(error);
}
