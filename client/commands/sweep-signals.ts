import type { Command } from 'commander';

const SIGNALS = {
  stop: ['ends a sweep: trials that run save a checkpoint and end; results stay', 'stops: its trials are being ended'],
  pause: ['begins no more trials and pauses those that run: they save a checkpoint and free their GPUs', 'pauses'],
  resume: ['goes on after a pause', 'goes on'],
} as const;

/** `dj-sandbox sweep stop|pause|resume ID` */
export function addSweepSignals(group: Command): void {
  for (const signal of ['stop', 'pause', 'resume'] as const) {
    const [description, said] = SIGNALS[signal];
    group
      .command(signal)
      .description(description)
      .argument('<id>', 'sweep id, see `dj-sandbox sweep list`')
      .addHelpText('after', `\nExample:\n  $ dj-sandbox sweep ${signal} my-sweep`)
      .action(async (id: string) => {
        const { withServer } = await import('../connect.ts');
        const { signalSweep } = await import('../sweep/sweeps.ts');
        await withServer(server => signalSweep(server, id, signal));
        console.log(`sweep ${id} ${said}`);
      });
  }
}
