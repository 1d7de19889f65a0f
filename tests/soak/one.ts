// One seed in a process of its own; the report as JSON on standard output: one.ts SEED TRIALS [VICTIM,…]
import type { Victim } from './processes.ts';
import { runSeed } from './seed.ts';

const [seed = '1', trials = '3', victims] = process.argv.slice(3);
const report = await runSeed(Number(seed), Number(trials), victims?.split(',') as Victim[] | undefined);
process.stdout.write(`${JSON.stringify(report)}\n`);
process.exit(0);
