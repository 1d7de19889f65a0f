import type { Command } from 'commander';

/** `dj-sandbox watch ID` */
export function addWatch(program: Command): void {
  program
    .command('watch')
    .description('watch a trial until it ends; Ctrl-C leaves it running')
    .argument('<id>', 'trial id, see `dj-sandbox list`')
    .addHelpText('after', '\nExample:\n  $ dj-sandbox watch my-run')
    .action(async (id: string) => {
      const { connect } = await import('../connect.ts');
      const { follow } = await import('../follow.ts');
      const server = await connect();
      try {
        process.exitCode = await follow(server, id);
      } finally {
        await server.close();
      }
    });
}
