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
import { runStudy } from './study/run-study.ts';

export interface DemoOptions {
  text?: boolean;
  sweep?: boolean;
  pools?: boolean;
  seed?: string;
  keep?: boolean;
}

const INTERRUPTED = `The server and workers of this demo stop now. What it ran is kept: \`npm run dev\` goes on with it, and with a training that runs.`;
const CONFIGS = {
  main: 'configs/text-to-video/demo.yaml',
  text: 'configs/demo/sandbox-text.yaml',
  sweep: 'configs/text-to-video/sweep-demo.yaml',
  pools: 'configs/text-to-video/pools-demo.yaml',
};
const STUDY = 'configs/text-to-video/pool-study.yaml';
const SEED = 'train_lora.extra_configs.train.training_config.seed';

/**
 * Runs one of the example configs, with a server and workers of its own where none run, and returns the exit code. A server that the
 * environment or a profile names is used as it is.
 * @throws CommandFailure
 */
export async function runDemo({ seed, keep = false, ...which }: DemoOptions): Promise<number> {
  const [demo = 'main', second] = (['text', 'sweep', 'pools'] as const).filter(name => which[name]);
  if (second) throw new CommandFailure(`--${demo} and --${second} are two demos: give one of them`);
  if (demo === 'text' && seed !== undefined)
    throw new CommandFailure('--seed sets the seed of a training, and the text example has none');
  if (demo === 'pools' && seed !== undefined)
    throw new CommandFailure('--seed sets the seed of one training, and a pool study has seeds of its own');
  const set: Record<string, Json> = seed === undefined ? {} : { [SEED]: wholeNumber('--seed', seed, 0) };
  const request = { config: CONFIGS[demo], set, baseDir: packageRoot() };
  const run = (signal?: AbortSignal) =>
    demo === 'pools'
      ? runStudy({ ...request, study: STUDY, signal })
      : runTrial({ ...request, sweep: demo === 'sweep', signal });
  if (!serverAddress().development) return await run();
  const { signal, close } = onInterruption();
  const dev = await start();
  try {
    const exitCode = await run(signal);
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
