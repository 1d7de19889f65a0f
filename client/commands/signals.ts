import type { Command } from 'commander';

const SIGNALS = ['pause', 'resume', 'stop'] as const;
type Signal = (typeof SIGNALS)[number];

export interface SignalCommands {
  /** The commands that they stand below, such as `sweep`; none for the whole. */
  below: readonly string[];
  id: string;
  example: string;
  /** What each does. */
  help: Readonly<Record<Signal, string>>;
  /** What is said when it is asked for. */
  said: Readonly<Record<Signal, string>>;
  /** Only runs of this kind take it; default all. */
  kind?: 'sweep' | 'study';
}

/** `dj-sandbox pause|resume|stop ID`, of all runs or of one kind. */
export function addSignalCommands(
  group: Command,
  { below, id: what, example, help, said, kind }: SignalCommands,
): void {
  for (const signal of SIGNALS) {
    group
      .command(signal)
      .description(help[signal])
      .argument('<id>', what)
      .addHelpText('after', `\nExample:\n  $ ${['dj-sandbox', ...below, signal, example].join(' ')}`)
      .action(async (id: string) => {
        const { withServer } = await import('../connect.ts');
        const { signalRun } = await import('../trials.ts');
        const told = await withServer(server => signalRun(server, id, signal, kind));
        console.log(`${told} ${id} ${said[signal]}`);
      });
  }
}

/** `dj-sandbox pause|resume|stop ID` */
export function addSignals(program: Command): void {
  addSignalCommands(program, {
    below: [],
    id: 'id of a trial, sweep or study, see `dj-sandbox list`',
    example: 'my-run',
    help: {
      pause: 'has the running training save a checkpoint and free its GPUs, then waits; other jobs are left to end',
      resume: 'goes on after a pause',
      stop: 'has the running training save a checkpoint, then ends the trial; results stay',
    },
    said: { pause: 'pauses', resume: 'goes on', stop: 'stops: what runs is being ended' },
  });
}

/** `dj-sandbox sweep|study pause|resume|stop ID` */
export function addParentSignals(group: Command, kind: 'sweep' | 'study'): void {
  addSignalCommands(group, {
    below: [kind],
    kind,
    id: `id of a ${kind}, see \`dj-sandbox list\``,
    example: `my-${kind}`,
    help: {
      pause: 'begins no more trials and pauses those that run: they save a checkpoint and free their GPUs',
      resume: 'goes on after a pause',
      stop: `ends a ${kind}: trials that run save a checkpoint and end; results stay`,
    },
    said: { pause: 'pauses', resume: 'goes on', stop: 'stops: its trials are being ended' },
  });
}
