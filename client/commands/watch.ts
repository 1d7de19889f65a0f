import type { Command } from 'commander';

/** `dj-sandbox watch ID` */
export function addWatch(program: Command): void {
  program
    .command('watch')
    .description('watch a trial or sweep until it ends; Ctrl-C leaves it running')
    .argument('<id>', 'id of a trial or sweep, see `dj-sandbox list`')
    .addHelpText('after', '\nExample:\n  $ dj-sandbox watch my-run')
    .action(async (id: string) => {
      const { connect } = await import('../connect.ts');
      const { follow } = await import('../follow.ts');
      const { followSweep } = await import('../sweep/follow-sweep.ts');
      const { isSweep } = await import('../trials.ts');
      const server = await connect();
      try {
        process.exitCode = await ((await isSweep(server, id)) ? followSweep : follow)(server, id);
      } finally {
        await server.close();
      }
    });
}
