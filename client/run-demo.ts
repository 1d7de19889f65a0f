import { once } from 'node:events';
import { packageRoot } from '../activities/runtime/paths.ts';
import type { Json } from '../plan/plan.ts';
import { type Dev, startDev } from '../workers/dev.ts';
import { readDevConfig } from '../workers/dev-config.ts';
import { wholeNumber } from './arguments.ts';
import { serverAddress } from './connect.ts';
import { asCommandFailure } from './dev-server.ts';
import { CommandFailure, EXIT } from './failure.ts';
import { onInterruption } from './interruption.ts';
import { sayAside } from './live-terminal.ts';
import { runTrial } from './run-trial.ts';

export interface DemoOptions {
  text?: boolean;
  sweep?: boolean;
  seed?: string;
  keep?: boolean;
}

const INTERRUPTED = `The server and workers of this demo stop now. What it ran is kept: \`npm run dev\` goes on with it, and with a training that runs.`;
const CONFIGS = {
  main: 'configs/text-to-video/demo.yaml',
  text: 'configs/demo/sandbox-text.yaml',
  sweep: 'configs/text-to-video/sweep-demo.yaml',
};
const SEED = 'train_lora.extra_configs.train.training_config.seed';

/**
 * Runs one of the example configs, with a server and workers of its own where none run, and returns the exit code. A server that the
 * environment or a profile names is used as it is.
 * @throws CommandFailure
 */
export async function runDemo({ text = false, sweep = false, seed, keep = false }: DemoOptions): Promise<number> {
  if (text && seed !== undefined)
    throw new CommandFailure('--seed sets the seed of a training, and the text example has none');
  if (text && sweep) throw new CommandFailure('--text and --sweep are two demos: give one of them');
  const set: Record<string, Json> = seed === undefined ? {} : { [SEED]: wholeNumber('--seed', seed, 0) };
  const config = CONFIGS[sweep ? 'sweep' : text ? 'text' : 'main'];
  const request = { config, set, baseDir: packageRoot(), sweep };
  if (!serverAddress().development) return await runTrial(request);
  const { signal, close } = onInterruption();
  const dev = await start();
  try {
    const exitCode = await runTrial({ ...request, signal });
    if (exitCode === EXIT.interrupted) console.log(INTERRUPTED);
    else if (keep) {
      console.log(`\nServer and workers keep running (${dev.uiUrl ?? dev.address}); Ctrl-C stops them.`);
      if (!signal.aborted) await once(signal, 'abort');
    }
    return exitCode;
  } finally {
    close();
    await dev.stop();
  }
}

async function start(): Promise<Dev> {
  console.log('Starting the development server and its workers …');
  try {
    return await startDev(readDevConfig(), { quiet: true, say: sayAside });
  } catch (error) {
    throw asCommandFailure(error);
  }
}
