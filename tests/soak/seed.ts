import type { JsonObject } from '../../plan/plan.ts';
import { type Fault, faultName, faultsOf, inflict } from './faults.ts';
import { type Ended, type Findings, inspect } from './inspect.ts';
import { VICTIMS, type Victim } from './processes.ts';
import { Random } from './random.ts';
import { inSandbox, type Outcome, sentences } from './scenario.ts';
import type { TrialShape } from './trials.ts';

/** How one seed went. */
export interface SeedReport extends Outcome, Omit<Findings, 'broken'> {
  seed: number;
  durability: JsonObject;
  faults: string[];
}

const SHORT_GRACE = '6s';

/** What a seed decides: the trials, and what happens to them. */
export function planOf(seed: number, trials: number, victims: readonly Victim[] = VICTIMS) {
  const random = new Random(seed);
  const shapes = Array.from({ length: trials }, (_, i): TrialShape => {
    // Now and then two trials need the same training.
    const same = i > 0 && random.next() < 0.25;
    return { seed: same ? 1 : i + 1, steps: 50, checkpointEvery: 7 };
  });
  const faults = faultsOf(random, victims);
  // Now and then a freeze is longer than host_grace: programs end themselves, and their jobs are claimed anew.
  const host_grace = random.next() < 0.25 ? SHORT_GRACE : '30m';
  const durability = { host_grace, ...(random.next() < 0.5 && { keep_checkpoints: 2 }) };
  return { shapes: shapes.map(shape => ({ ...shape, durability })), faults, random };
}

/** Runs the trials of a seed in a sandbox of their own while its faults happen, and looks at what is left. */
export async function runSeed(seed: number, trials: number, victims?: readonly Victim[]): Promise<SeedReport> {
  const { shapes, faults, random } = planOf(seed, trials, victims);
  const ids = shapes.map((_, i) => `soak-${i + 1}`);
  let happened: Fault[] = [];
  let findings: Findings = { broken: [], restarts: 0, stepsLost: 0, mostLost: 0 };
  const outcome = await inSandbox({}, ids, async chaos => {
    for (const [i, id] of ids.entries()) await chaos.startTrial(id, shapes[i]!);
    happened = await inflict(chaos.folder, faults, random);
    const ends = await Promise.allSettled(ids.map(id => chaos.resultOf(id)));
    const left = await chaos.leftOvers();
    const failures = ends.flatMap((end, i) =>
      end.status === 'rejected' ? [`${ids[i]}: ${sentences(end.reason)}`] : [],
    );
    if (failures.length > 0) return [...failures, ...left];
    const results = ends.flatMap(end => (end.status === 'fulfilled' ? [end.value] : []));
    findings = await inspect(
      chaos.ledger,
      results.map((result, i): Ended => ({ result, shape: shapes[i]! })),
    );
    return [...left, ...findings.broken];
  });
  return { ...findings, ...outcome, seed, durability: shapes[0]!.durability, faults: happened.map(faultName) };
}
