// What a command needs is imported when it runs, so that help and errors come at once.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { packageRoot } from '../activities/runtime/paths.ts';
import { addCache } from './commands/cache.ts';
import { addCompletion } from './commands/completion.ts';
import { addComponents } from './commands/components.ts';
import { addContext } from './commands/context.ts';
import { addDecisions } from './commands/decisions.ts';
import { addDemo } from './commands/demo.ts';
import { addDev } from './commands/dev.ts';
import { addDiff } from './commands/diff.ts';
import { addEnv } from './commands/env.ts';
import { addExplain } from './commands/explain.ts';
import { addList } from './commands/list.ts';
import { addLogs } from './commands/logs.ts';
import { addMetrics } from './commands/metrics.ts';
import { addNew } from './commands/new.ts';
import { addPlan } from './commands/plan.ts';
import { addRefine } from './commands/refine.ts';
import { addReport } from './commands/report.ts';
import { addResumeFrom } from './commands/resume-from.ts';
import { addRun } from './commands/run.ts';
import { addSchema } from './commands/schema.ts';
import { addSignals } from './commands/signals.ts';
import { addStatus } from './commands/status.ts';
import { addStudy } from './commands/study.ts';
import { addSweep } from './commands/sweep.ts';
import { addSync } from './commands/sync.ts';
import { addUi } from './commands/ui.ts';
import { addValidate } from './commands/validate.ts';
import { addWatch } from './commands/watch.ts';
import { addWorker } from './commands/worker.ts';

const EXAMPLES = `
Examples:
  $ dj-sandbox demo                                        a whole experiment on a small model, on this machine
  $ dj-sandbox dev                                         a development server and its workers, until Ctrl-C
  $ dj-sandbox validate --config sandbox.yaml              every error of a config at once
  $ dj-sandbox run --config sandbox.yaml                   start a trial and watch it
  $ dj-sandbox run --config sandbox.yaml --set text_length_filter.min_len=20 --detach
  $ dj-sandbox list                                        trials and where they stand
  $ dj-sandbox logs my-run -f                              what its jobs write
  $ dj-sandbox report my-run                               one page on it, to send to a colleague

Server: the development server of temporal-dev.yaml, or the one that TEMPORAL_ADDRESS, TEMPORAL_PROFILE and
TEMPORAL_CONFIG_FILE name. Exit codes: 0 done, 1 failed, 2 bad input, 130 interrupted. DEBUG=1 shows stacks.`;

/** The whole command line, made anew; commander throws where it would end the process. */
export function program(): Command {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
  const main = new Command('dj-sandbox')
    .description('Data-Juicer Sandbox on Temporal: durable trials that find out which data makes a better model.')
    .version(version)
    .showHelpAfterError('(see --help)')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'dj-sandbox: ')) })
    .addHelpText('after', EXAMPLES);
  for (const add of [
    addRun,
    addValidate,
    addPlan,
    addRefine,
    addList,
    addStatus,
    addWatch,
    addUi,
    addLogs,
    addMetrics,
    addExplain,
    addDiff,
    addReport,
    addContext,
    addSignals,
  ])
    add(main);
  for (const add of [addDecisions, addResumeFrom, addSweep, addStudy, addCache, addSync]) add(main);
  for (const add of [addComponents, addEnv, addNew, addSchema, addCompletion, addWorker, addDev, addDemo]) add(main);
  return main;
}
