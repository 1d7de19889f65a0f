// One cell of the fault table in a process of its own; the report as JSON on standard output: one-cell.ts VICTIM WORK MOMENT
import { runCell } from './cell.ts';
import type { Cell } from './cells.ts';

const [victim, work, moment] = process.argv.slice(3) as [Cell['victim'], Cell['work'], Cell['moment']];
process.stdout.write(`${JSON.stringify(await runCell({ victim, work, moment }))}\n`);
process.exit(0);
