import type { Command } from 'commander';
import type { ResumeFromOptions } from '../resume-from.ts';
import { withComponents } from '../with-components.ts';

/** `dj-sandbox resume-from ID --job J` */
export function addResumeFrom(program: Command): void {
  withComponents(
    program
      .command('resume-from')
      .description(
        "start a new trial of a trial's config that reuses its results before a job and runs that job and what follows",
      ),
  )
    .argument('<id>', 'the earlier trial, see `dj-sandbox list`')
    .option('--job <job>', 'id or meta_name of the job to run from (required)')
    .option('--set <path=value>', 'set a value besides those of the earlier trial', append)
    .option('--id <id>', 'id of the new trial; default: the experiment and the time')
    .option('--detach', 'do not watch: print the id and return')
    .option('--json', 'print JSON: {id, runId, ui}, and with it how the trial ended; the view goes to stderr')
    .addHelpText(
      'after',
      `
A job that was published is run again, under a key of its own; one that was stopped or failed goes on from its newest checkpoint. Jobs after
it that take nothing from it and have not changed are found done.
Examples:
  $ dj-sandbox resume-from my-run --job train
  $ dj-sandbox resume-from my-run --job train --set train.extra_configs.train.training_config.learning_rate=1e-5`,
    )
    .action(async (id: string, options: ResumeFromOptions) => {
      const { resumeFrom } = await import('../resume-from.ts');
      process.exitCode = await resumeFrom(id, options);
    });
}

function append(value: string, before: string[] = []): string[] {
  return [...before, value];
}
