import type { Command } from 'commander';

const SIGNALS = {
  pause: [
    'has the running training save a checkpoint and free its GPUs, then waits; other jobs are left to end',
    'pauses',
  ],
  resume: ['goes on after a pause', 'goes on'],
  stop: [
    'has the running training save a checkpoint, then ends the trial; results stay',
    'stops: what runs is being ended',
  ],
} as const;

/** `dj-sandbox pause|resume|stop ID` */
export function addSignals(program: Command): void {
  for (const signal of ['pause', 'resume', 'stop'] as const) {
    const [description, said] = SIGNALS[signal];
    program
      .command(signal)
      .description(description)
      .argument('<id>', 'id of a trial, sweep or study, see `dj-sandbox list`')
      .addHelpText('after', `\nExample:\n  $ dj-sandbox ${signal} my-run`)
      .action(async (id: string) => {
        const { withServer } = await import('../connect.ts');
        const { signalTrial } = await import('../trials.ts');
        const kind = await withServer(server => signalTrial(server, id, signal));
        console.log(`${kind} ${id} ${said}`);
      });
  }
}
