import type { Command } from 'commander';
import { addConfigOptions, type ConfigOptions } from '../config-options.ts';
import { addParentSignals } from './signals.ts';

const ID = 'study id, see `dj-sandbox list`';

interface StartOptions extends ConfigOptions {
  study?: string;
  ops?: string;
  concurrency?: string;
  id?: string;
  detach?: boolean;
  cache: boolean;
  json?: boolean;
}

/** `dj-sandbox study …` */
export function addStudy(program: Command): void {
  const group = program
    .command('study')
    .description('which pool of the data trains the best model, and which operator tells it from the rest');
  for (const add of [addStart, addStatus, addTable]) add(group);
  addParentSignals(group, 'study');
  group.addHelpText(
    'after',
    `
Examples:
  $ dj-sandbox study start --config sandbox.yaml --study pool-study.yaml
  $ dj-sandbox study table my-study
  $ dj-sandbox study stop my-study`,
  );
}

function addStart(group: Command): void {
  addConfigOptions(
    group.command('start').description('start a pool study of a sandbox config and watch it until it ends'),
  )
    .option('--study <file>', 'study file, YAML or JSON (required)')
    .option('--ops <ops>', "ops of the recipe, with commas; over the file's own")
    .option('--concurrency <n>', "trials at once; over the file's own")
    .option('--id <id>', 'id of the study, which is never used twice; default: its name and the time')
    .option('--detach', 'do not watch: print the id and return')
    .option('--no-cache', 'run every job of every trial, also those that are done')
    .option('--json', 'print JSON: {id, runId, ui}, or with the view on stderr how the study ended')
    .addHelpText(
      'after',
      `
The config trains and evaluates on one dataset; the study file says where that and the seed go, and by what metric it is judged.
Examples:
  $ dj-sandbox study start --config sandbox.yaml --study pool-study.yaml
  $ dj-sandbox study start --config sandbox.yaml --study pool-study.yaml --ops text_length_filter,alphanumeric_filter
  $ dj-sandbox study start --config sandbox.yaml --study pool-study.yaml --concurrency 8 --id my-study --detach
The same without this command, from the folder that relative paths start at:
  $ temporal workflow start --task-queue sandbox --type sandboxPoolStudy --workflow-id my-study \\
      --input '{"config":"sandbox.yaml","study":"pool-study.yaml","baseDir":"'"$PWD"'"}'`,
    )
    .action(async (options: StartOptions) => {
      const { required, wholeNumber } = await import('../arguments.ts');
      const { toCompile } = await import('../config-options.ts');
      const { ops, concurrency, id, detach, cache, json } = options;
      const request = {
        ...(await toCompile(options)),
        study: required('--study', options.study),
        ...(ops !== undefined && { ops: ops.split(',').map(op => op.trim()) }),
        ...(concurrency !== undefined && { concurrency: wholeNumber('--concurrency', concurrency, 1) }),
      };
      const { runStudy } = await import('../study/run-study.ts');
      process.exitCode = await runStudy({ ...request, id, detach, cache, json });
    });
}

function addStatus(group: Command): void {
  group
    .command('status')
    .description('where a study stands: its trials, and what it found so far')
    .argument('<id>', ID)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ dj-sandbox study status my-study\n  $ dj-sandbox study status my-study --json\nTo watch it until it ends: dj-sandbox watch my-study',
    )
    .action(async (id: string, options: { json?: boolean }) => {
      const { withServer } = await import('../connect.ts');
      const { printStudyStatus } = await import('../study/print-study.ts');
      await withServer(server => printStudyStatus(server, id, options));
    });
}

function addTable(group: Command): void {
  group
    .command('table')
    .description('which operator helps and which end of it; all pools with mean, deviation and verdict')
    .argument('<id>', ID)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ dj-sandbox study table my-study\n  $ dj-sandbox study table my-study --json | jq .operators',
    )
    .action(async (id: string, options: { json?: boolean }) => {
      const { printStudyTable } = await import('../study/print-study.ts');
      await printStudyTable(id, options);
    });
}
