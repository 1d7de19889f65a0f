import type { Command } from 'commander';

const DECISIONS = {
  retry: ['tries a failed job that waits (on_failure: wait) once more', 'retryJob', 'is tried again'],
  skip: ['goes on without a failed job that waits (on_failure: wait)', 'skipJob', 'is skipped'],
} as const;

/** `dj-sandbox retry|skip ID [--job J]` and `dj-sandbox set ID path=value…` */
export function addDecisions(program: Command): void {
  for (const decision of ['retry', 'skip'] as const) {
    const [description, update, said] = DECISIONS[decision];
    program
      .command(decision)
      .description(description)
      .argument('<id>', 'trial id, see `dj-sandbox list`')
      .option('--job <job>', 'id or meta_name of the job; default: the one that waits')
      .addHelpText(
        'after',
        `\nExamples:\n  $ dj-sandbox ${decision} my-run\n  $ dj-sandbox ${decision} my-run --job train`,
      )
      .action(async (id: string, { job }: { job?: string }) => {
        const { withServer } = await import('../connect.ts');
        const { updateTrial } = await import('../trials.ts');
        await withServer(server => updateTrial(server, id, update, job === undefined ? {} : { job }));
        console.log(`trial ${id}: ${job ?? 'its failed job'} ${said}`);
      });
  }
  program
    .command('set')
    .description('changes values of a trial that runs, of jobs that have not begun or have failed and wait')
    .argument('<id>', 'trial id, see `dj-sandbox list`')
    .argument('<path=value...>', 'as `--set` of `dj-sandbox run`')
    .addHelpText(
      'after',
      `
The whole config is compiled with the new values before they are taken; what is wrong with them is said, and nothing changed.
Examples:
  $ dj-sandbox set my-run train.extra_configs.train.training_config.learning_rate=1e-5
  $ dj-sandbox retry my-run`,
    )
    .action(async (id: string, pairs: string[]) => {
      const { settings } = await import('../arguments.ts');
      const { withServer } = await import('../connect.ts');
      const { updateTrial } = await import('../trials.ts');
      const changes = settings(pairs, '');
      const { changed } = await withServer(server =>
        updateTrial<{ changed: string[] }>(server, id, 'setConfig', changes),
      );
      console.log(`trial ${id}: ${changed.length > 0 ? `changed ${changed.join(', ')}` : 'no job changes by this'}`);
    });
}
