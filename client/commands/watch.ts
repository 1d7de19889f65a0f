import type { Command } from 'commander';

/** `dj-sandbox watch ID` */
export function addWatch(program: Command): void {
  program
    .command('watch')
    .description('watch a trial, sweep or study until it ends; Ctrl-C leaves it running')
    .argument('<id>', 'id of a trial, sweep or study, see `dj-sandbox list`')
    .addHelpText('after', '\nExample:\n  $ dj-sandbox watch my-run')
    .action(async (id: string) => {
      const { connect } = await import('../connect.ts');
      const { follow } = await import('../follow.ts');
      const { followedTrial } = await import('../followed-trial.ts');
      const { followedSweep } = await import('../sweep/followed-sweep.ts');
      const { followedStudy } = await import('../study/followed-study.ts');
      const { kindOf } = await import('../trials.ts');
      const server = await connect();
      try {
        const followers = {
          trial: () => follow(followedTrial, server, id),
          sweep: () => follow(followedSweep, server, id),
          study: () => follow(followedStudy, server, id),
        };
        process.exitCode = await followers[await kindOf(server, id)]();
      } finally {
        await server.close();
      }
    });
}
