import type { Command } from 'commander';

const SIGNALS = {
  pause: ['waits before the next job; a running job is left to end', 'pauses before its next job'],
  resume: ['goes on after a pause', 'goes on'],
  stop: ['ends the running job and then the trial; published results stay', 'stops: its running job is being ended'],
} as const;

/** `dj-sandbox pause|resume|stop ID` */
export function addSignals(program: Command): void {
  for (const signal of ['pause', 'resume', 'stop'] as const) {
    const [description, said] = SIGNALS[signal];
    program
      .command(signal)
      .description(description)
      .argument('<id>', 'trial id, see `dj-sandbox list`')
      .addHelpText('after', `\nExample:\n  $ dj-sandbox ${signal} my-run`)
      .action(async (id: string) => {
        const { connect } = await import('../connect.ts');
        const { signalTrial } = await import('../trials.ts');
        const server = await connect();
        try {
          await signalTrial(server, id, signal);
        } finally {
          await server.close();
        }
        console.log(`trial ${id} ${said}`);
      });
  }
}
