// What every npm script starts with: sets up what the command needs, then becomes the command. Needs nothing but Node.
import { pathToFileURL } from 'node:url';
import { SetupFailure } from './failure.mjs';
import { inPackage } from './places.mjs';
import { setUp } from './set-up.mjs';

const HELP = `node setup/bootstrap.mjs <command> [arguments]

  demo [--text] [--seed N]   the main job; with --text the text example, which trains nothing; with --sweep a sweep
                             with --pools a pool study
  test [vitest arguments]    all tests but the slow ones
  slow [vitest arguments]    the slow tests: what dies when, and seeds of the soak
  slow-data [vitest arguments]
                             slow tests of data jobs: Ray, ModelScope, the paper's pipelines, a pool study
  soak [--seeds N …]         random deaths, decided by seeds
  bench [name]               side by side with the alternatives; without a name, what there is
  dev                        development server and workers, until Ctrl-C
  build                      npm packages and dist/
  setup                      everything that the commands above need

Each first makes what it needs and is not there: npm packages, dist/, and in .sandbox/ (or $DJ_SANDBOX_HOME) locked Python
environments, the Temporal CLI, video clips, a text dataset, a small model. What is there is left alone.`;

const cli = ['dist', 'client', 'main.js'];
const vitest = ['node_modules', 'vitest', 'vitest.mjs'];
const slow = ['--config', 'vitest.slow.config.ts', '--dir'];
const soak = ['tests', 'soak', 'run.mjs'];
const bench = ['bench', 'run.mjs'];

/** @type {Record<string, (args: string[]) => { needs: Parameters<typeof setUp>[0], program?: string[], args?: string[] }>} */
const commands = {
  demo: args => ({ needs: args.includes('--text') ? 'text' : 'demo', program: cli, args: ['demo', ...args] }),
  test: args => ({ needs: 'test', program: vitest, args: ['run', ...args] }),
  slow: args => ({ needs: 'slow', program: vitest, args: ['run', ...slow, 'tests/slow', ...args] }),
  'slow-data': args => ({ needs: 'slow-data', program: vitest, args: ['run', ...slow, 'tests/slow-data', ...args] }),
  soak: args => ({ needs: 'soak', program: soak, args: ['main.ts', ...args] }),
  bench: args => ({ needs: 'soak', program: bench, args: ['main.ts', ...args] }),
  dev: args => ({ needs: 'dev', program: cli, args: ['dev', ...args] }),
  build: () => ({ needs: 'build' }),
  setup: () => ({ needs: 'setup' }),
};

const [command = '--help', ...rest] = process.argv.slice(2);
const plan = Object.hasOwn(commands, command) ? commands[command]?.(rest) : undefined;

if (plan === undefined || (plan.program === undefined && rest.length > 0)) {
  const isHelp = ['--help', '-h', 'help'].includes(command) || rest.some(word => ['--help', '-h'].includes(word));
  console[isHelp ? 'log' : 'error'](HELP);
  process.exitCode = isHelp ? 0 : 2;
} else {
  try {
    await setUp(plan.needs);
    if (plan.program) await become(plan.program, plan.args ?? []);
    else console.log('Set-up: all is there.');
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error;
    console.error(`Set-up stopped: ${error.message}`);
    process.exitCode = 1;
  }
}

/**
 * Runs a program in this process: no second start, and Ctrl-C reaches it as if it had been called itself.
 * @param {string[]} path inside the package
 * @param {string[]} args
 */
async function become(path, args) {
  const file = inPackage(...path);
  process.argv = [process.execPath, file, ...args];
  await import(pathToFileURL(file).href);
}
