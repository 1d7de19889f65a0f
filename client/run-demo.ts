import { once } from 'node:events';
import { packageRoot } from '../activities/runtime/paths.ts';
import type { Json } from '../plan/plan.ts';
import { startDev } from '../workers/dev.ts';
import { readDevConfig } from '../workers/dev-config.ts';
import { wholeNumber } from './arguments.ts';
import { isAnswering, serverAddress } from './connect.ts';
import { CommandFailure } from './failure.ts';
import { runTrial } from './run-trial.ts';

export interface DemoOptions {
  text?: boolean;
  seed?: string;
  keep?: boolean;
}

const SEED = 'train_lora.extra_configs.train.training_config.seed';

/** Runs one of the example configs; where no server answers, with one and with workers that end with the demo. Returns the exit code. */
export async function runDemo({ text = false, seed, keep = false }: DemoOptions): Promise<number> {
  if (text && seed !== undefined)
    throw new CommandFailure('--seed sets the seed of a training, and the text example has none');
  const set: Record<string, Json> = seed === undefined ? {} : { [SEED]: wholeNumber('--seed', seed, 0) };
  const config = text ? 'configs/demo/sandbox-text.yaml' : 'configs/text-to-video/demo.yaml';
  const where = serverAddress();
  if (await isAnswering(where)) return await runTrial({ config, set, baseDir: packageRoot() });
  if (!where.development)
    throw new CommandFailure(`no Temporal server answers at ${where.address}, which profile or environment name`);
  console.log('starting the development server and its workers …');
  const dev = await startDev(readDevConfig(), { quiet: true });
  try {
    const exitCode = await runTrial({ config, set, baseDir: packageRoot() });
    if (keep) {
      console.log(`\nServer and workers keep running (${dev.uiUrl ?? dev.address}); Ctrl-C stops them.`);
      await once(process, 'SIGINT');
    }
    return exitCode;
  } finally {
    await dev.stop();
  }
}
