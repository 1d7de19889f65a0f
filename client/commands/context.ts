import type { Command } from 'commander';

/** `dj-sandbox context ID` */
export function addContext(program: Command): void {
  program
    .command('context')
    .description("a trial's results by pipeline, meta_name and output")
    .argument('<id>', 'trial id, see `dj-sandbox list`')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  $ dj-sandbox context my-run\n  $ dj-sandbox context my-run --json')
    .action(async (id: string, options: { json?: boolean }) => {
      const { connect } = await import('../connect.ts');
      const { trialContext } = await import('../trials.ts');
      const { printJson } = await import('../output.ts');
      const server = await connect();
      try {
        const context = await trialContext(server, id);
        if (options.json) return printJson(context);
        for (const [pipeline, jobs] of Object.entries(context))
          for (const [metaName, outputs] of Object.entries(jobs))
            for (const [output, value] of Object.entries(outputs))
              console.log(
                `${pipeline}.${metaName}.${output}  ${typeof value === 'string' ? value : JSON.stringify(value)}`,
              );
      } finally {
        await server.close();
      }
    });
}
