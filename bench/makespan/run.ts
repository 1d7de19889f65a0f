import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CONTROL_QUEUE, type TrialInput } from '../../plan/protocol.ts';
import { inHome, inPackage } from '../../setup/places.mjs';
import { startRealSandbox } from '../../tests/support/real-sandbox.ts';
import type { RunBench } from '../bench.ts';
import { median } from '../median.ts';
import { askPython, benchPython } from '../python.ts';
import { table } from '../table.ts';

const TEXT_EXAMPLE = './configs/demo/sandbox-text.yaml';
const RECIPE = './configs/demo/process-text.yaml';

/**
 * Wall time of the text example (probe, refine, process, probe) for several values of k-sigma's k: ours, all started at once, on a development
 * server and workers that have run nothing yet, and the original's code one after the other in one process that imports once. Both get the
 * same files. `--trials`; `--runs`: the medians are of so many; `--original DIR`: a checkout of data-juicer-sandbox.
 */
export const run: RunBench = async (args, say) => {
  const { values } = parseArgs({
    args,
    options: {
      trials: { type: 'string', default: '8' },
      runs: { type: 'string', default: '1' },
      original: { type: 'string' },
    },
  });
  const trials = Number(values.trials);
  const found: Record<string, number[]> = {};
  const note = (name: string, seconds: number) => {
    found[name] = [...(found[name] ?? []), seconds];
    say(`  ${name}: ${seconds.toFixed(1)} s`);
  };
  for (let i = 0; i < Number(values.runs); i++) {
    await withConfigs(trials, async configs => note('ours', await ours(configs, {}, say)));
    await withConfigs(trials, async configs =>
      note('ours, no result used twice', await ours(configs, { cache: false }, say)),
    );
    const { original } = values;
    if (original === undefined) continue;
    await withConfigs(trials, async configs => note('original', await theirs(configs, original, say)));
  }
  const reference = found.original ? median(found.original) : undefined;
  const rows = Object.entries(found).map(([name, all]) => {
    const seconds = median(all);
    return {
      name,
      seconds,
      perTrial: seconds / trials,
      toOriginal: reference === undefined ? null : seconds / reference,
    };
  });
  const shown = rows.map(({ name, seconds, perTrial, toOriginal }) => [
    name,
    seconds.toFixed(1),
    perTrial.toFixed(1),
    toOriginal?.toFixed(2) ?? '',
  ]);
  const skipped = reference === undefined ? [['original', 'skipped: --original DIR was not given', '', '']] : [];
  return {
    figures: { trials, runs: Number(values.runs), rows, original: reference === undefined ? 'skipped' : 'run' },
    text: table(['', 'seconds', 'seconds a trial', 'to the original'], [...shown, ...skipped]),
  };
};

/** The text example once for each k and otherwise the same, as a sweep would have it, in a folder that is removed afterwards. */
async function withConfigs(trials: number, work: (configs: string[]) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-makespan-'));
  try {
    const own = async (path: string) =>
      (await readFile(inPackage(path), 'utf8'))
        .replaceAll('./.sandbox/data', inHome('data'))
        .replaceAll(RECIPE, join(folder, 'recipe.yaml'))
        .replaceAll('./outputs/demo-text', join(folder, 'outputs'));
    await writeFile(join(folder, 'recipe.yaml'), await own(RECIPE));
    const example = await own(TEXT_EXAMPLE);
    const configs = Array.from({ length: trials }, async (_, i) => {
      const config = join(folder, `sandbox-${i}.yaml`);
      await writeFile(config, example.replace(/^( +k): 2$/m, `$1: ${1 + i / 4}`));
      return config;
    });
    await work(await Promise.all(configs));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Seconds from the first start to the last end. */
async function ours(
  configs: string[],
  options: Pick<TrialInput, 'cache'>,
  say: (line: string) => void,
): Promise<number> {
  say(`ours: ${configs.length} trials at once …`);
  const sandbox = await startRealSandbox();
  try {
    const began = performance.now();
    await Promise.all(
      configs.map(async (config, i) => {
        const { state } = await sandbox.client.workflow.execute<(input: TrialInput) => Promise<{ state: string }>>(
          'sandboxTrial',
          { taskQueue: CONTROL_QUEUE, workflowId: `makespan-${i}`, args: [{ config, ...options }] },
        );
        if (state !== 'done') throw new Error(`trial ${i} ended as ${state}`);
      }),
    );
    return (performance.now() - began) / 1000;
  } finally {
    await sandbox.stop();
  }
}

/** Seconds of the imports and of all trials; W&B is switched off. */
async function theirs(configs: string[], original: string, say: (line: string) => void): Promise<number> {
  const python = await benchPython('makespan', 'original', say);
  say(`original: ${configs.length} trials, one after the other …`);
  const env = { WANDB_MODE: 'disabled', HF_HUB_OFFLINE: '1' };
  const used = await askPython(python, ['makespan', 'original.py'], { original, configs }, env);
  const { imports, trials } = used as { imports: number; trials: number[] };
  return trials.reduce((sum, seconds) => sum + seconds, imports);
}
