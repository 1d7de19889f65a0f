// `npm run soak`: random deaths, decided by seeds, and a table of how each seed went.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { aside } from './aside.ts';
import { VICTIMS } from './processes.ts';
import type { SeedReport } from './seed.ts';

const HELP = `npm run soak -- [--seeds 100] [--from 1] [--trials 3] [--victims host,…] [--at-once N]

Each seed runs small trials in a sandbox of its own, with a home that plays EasyAnimate, while workers, server, supervisors and programs are
killed and stopped at moments that the seed decides. Then: are all trials done, each job published once, all training steps done
once and in order except after a resume, the bytes as undisturbed, nothing alive, nothing leased? Needs \`npm run setup\` once.

  --seeds N     how many seeds (default 100)
  --from N      the first (default 1)
  --trials N    trials at the same time in a sandbox (default 3)
  --victims …   of control,host,server,supervisor,trainer (default all)
  --at-once N   sandboxes at the same time (default: two a core)`;

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    trials: { type: 'string', default: '3' },
    victims: { type: 'string', default: VICTIMS.join() },
    'at-once': { type: 'string', default: String(2 * availableParallelism()) },
    help: { type: 'boolean', short: 'h' },
  },
});

/** Of the table's columns. */
const WIDTHS = [4, 6, 7, 8, 16, 5];

/** Of a seed whose process died. */
const NOTHING = { durability: {}, restarts: 0, stepsLost: 0, mostLost: 0, faults: [], seconds: 0, folder: null };

if (values.help) {
  console.log(HELP);
} else {
  const [seeds, from, trials, atOnce] = [values.seeds, values.from, values.trials, values['at-once']].map(Number);
  if (![seeds, from, trials, atOnce].every(value => Number.isInteger(value) && value! > 0)) {
    console.error(`expected whole numbers above 0\n\n${HELP}`);
    process.exitCode = 2;
  } else {
    process.exitCode = await soak(seeds!, from!, trials!, atOnce!);
  }
}

async function soak(seeds: number, from: number, trials: number, atOnce: number): Promise<number> {
  const start = Date.now();
  const waiting = Array.from({ length: seeds }, (_, i) => from + i);
  const reports: SeedReport[] = [];
  console.log(row('seed', 'result', 'seconds', 'restarts', 'steps lost', 'grace', 'faults'));
  const next = async (): Promise<void> => {
    for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
      const report = await aside<SeedReport>('one.ts', [seed, trials, values.victims]).catch(
        (error: Error): SeedReport => ({ ...NOTHING, seed: seed!, broken: [error.message] }),
      );
      reports.push(report);
      const lost = report.mostLost === 0 ? '0' : `${report.stepsLost} (at most ${report.mostLost})`;
      const result = report.broken.length === 0 ? 'ok' : 'BROKEN';
      const { seconds, restarts, faults } = report;
      console.log(
        row(
          seed,
          result,
          seconds.toFixed(0),
          restarts,
          lost,
          String(report.durability['host_grace'] ?? ''),
          faults.join(', ') || 'none',
        ),
      );
      for (const sentence of report.broken) console.log(`         ${sentence}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, next));
  const failed = reports.filter(({ broken }) => broken.length > 0).sort((a, b) => a.seed - b.seed);
  const faults = reports.reduce((sum, report) => sum + report.faults.length, 0);
  const lost = reports.reduce((sum, report) => sum + report.stepsLost, 0);
  const seconds = ((Date.now() - start) / 1000).toFixed(0);
  console.log(
    `\n${reports.length - failed.length} of ${seeds} seeds held; ${faults} faults, ${lost} steps lost, ${seconds} s`,
  );
  for (const { seed, folder } of failed)
    console.log(
      `again: npm run soak -- --seeds 1 --from ${seed} --trials ${trials}   (left in ${folder ?? 'nothing'})`,
    );
  return failed.length === 0 ? 0 : 1;
}

function row(...texts: (string | number)[]): string {
  return texts.map((text, i) => String(text).padEnd(WIDTHS[i] ?? 0)).join('  ');
}
