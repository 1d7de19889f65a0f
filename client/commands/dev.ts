import type { Command } from 'commander';

/** `dj-sandbox dev` */
export function addDev(program: Command): void {
  program
    .command('dev')
    .description('run the development server and workers of temporal-dev.yaml until Ctrl-C')
    .addHelpText('after', '\nExample:\n  $ dj-sandbox dev')
    .action(async () => {
      const { runDev } = await import('../../workers/dev.ts');
      const { asCommandFailure } = await import('../dev-server.ts');
      const { loadComponents } = await import('../load-components.ts');
      // What is wrong with one is said here, not again and again by the workers.
      await loadComponents(undefined);
      try {
        await runDev();
      } catch (error) {
        throw asCommandFailure(error);
      }
    });
}
