import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { freePorts } from '../../tests/support/free-ports.ts';
import type { RunBench } from '../bench.ts';
import { median } from '../median.ts';
import { askPython, benchPython } from '../python.ts';
import { table } from '../table.ts';
import { type Ours, ours } from './ours.ts';

const JOBS = 6;

/**
 * Wall time a trial of six jobs that do nothing, 100 trials and 16 at once: ours on the development server with its workers, Prefect's flows
 * and Ray Tune's trials. Each warms up with one trial. `--runs`: the medians are of so many.
 */
export const run: RunBench = async (args, say) => {
  const { values } = parseArgs({
    args,
    options: {
      trials: { type: 'string', default: '100' },
      'at-once': { type: 'string', default: '16' },
      runs: { type: 'string', default: '1' },
      only: { type: 'string' },
    },
  });
  const size = { trials: Number(values.trials), atOnce: Number(values['at-once']), jobs: JOBS };
  const runs = Array.from({ length: Number(values.runs) });
  const found: Record<string, number[]> = {};
  const note = (name: string, seconds: number) => {
    found[name] = [...(found[name] ?? []), seconds];
    say(`  ${name}: ${seconds.toFixed(1)} s`);
  };
  let spent: Ours['spent'] = [];
  const measures: Record<string, () => Promise<void>> = {
    ours: async () => {
      const measured = await ours(size);
      note('ours', measured.trials);
      note('ours, as a sweep', measured.sweep);
      spent = measured.spent;
    },
    Prefect: async () => note('Prefect', await theirs('prefect', 'prefect_flows.py', size, say)),
    'Ray Tune': async () => note('Ray Tune', await theirs('ray', 'ray_tune.py', size, say)),
  };
  for (const [name, measure] of Object.entries(measures)) {
    if (values.only !== undefined && values.only !== name) continue;
    for (const _ of runs) {
      say(`${name}: ${size.trials} trials, ${size.atOnce} at once …`);
      await measure();
    }
  }
  const own = median(found.ours ?? []);
  const rows = Object.entries(found).map(([name, all]) => {
    const seconds = median(all);
    return { name, seconds, perTrialMs: (1000 * seconds) / size.trials, oursToIt: own / seconds };
  });
  const shown = table(
    ['', 'seconds', 'ms a trial', 'ours / it'],
    rows.map(row => [
      row.name,
      row.seconds.toFixed(1),
      row.perTrialMs.toFixed(0),
      Number.isNaN(own) ? '' : row.oursToIt.toFixed(3),
    ]),
  );
  const where = table(
    ['where the time of ours goes', 'ms a trial'],
    spent.map(({ what, ms }) => [what, ms.toFixed(1)]),
  );
  return {
    figures: { ...size, runs: runs.length, rows, spent },
    text: spent.length > 0 ? `${shown}\n\n${where}` : shown,
  };
};

async function theirs(
  name: string,
  program: string,
  { trials, atOnce, jobs }: { trials: number; atOnce: number; jobs: number },
  say: (line: string) => void,
): Promise<number> {
  const python = await benchPython('trial-overhead', name, say);
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const [port] = await freePorts(1);
    const question = { trials, at_once: atOnce, jobs, folder, port };
    return ((await askPython(python, ['trial-overhead', program], question)) as { seconds: number }).seconds;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
