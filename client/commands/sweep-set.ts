import type { Command } from 'commander';

const ID = 'sweep id, see `dj-sandbox sweep list`';

/** `dj-sandbox sweep set-budget|set-concurrency|set-space ID …` */
export function addSweepSet(group: Command): void {
  group
    .command('set-budget')
    .description('changes when a sweep ends by itself')
    .argument('<id>', ID)
    .argument('<limit=value...>', 'run_cap, max_hours, patience, max_failures or target; null: no limit')
    .addHelpText(
      'after',
      '\nExamples:\n  $ dj-sandbox sweep set-budget my-sweep run_cap=60\n  $ dj-sandbox sweep set-budget my-sweep max_hours=8 patience=null',
    )
    .action(async (id: string, pairs: string[]) => {
      const { budgetWish } = await import('../sweep/steering.ts');
      await steer(id, 'setBudget', budgetWish(pairs));
      console.log(`sweep ${id}: ${pairs.join(', ')}`);
    });
  group
    .command('set-concurrency')
    .description('changes how many trials run at once; those that run go on')
    .argument('<id>', ID)
    .argument('<n>', 'trials at once')
    .addHelpText('after', '\nExample:\n  $ dj-sandbox sweep set-concurrency my-sweep 8')
    .action(async (id: string, n: string) => {
      const { wholeNumber } = await import('../arguments.ts');
      await steer(id, 'setConcurrency', wholeNumber('set-concurrency', n, 1));
      console.log(`sweep ${id}: ${n} at once`);
    });
  group
    .command('set-space')
    .description('has trials that begin from now on try the parameters of another sweep file')
    .argument('<id>', ID)
    .option('--sweep <file>', 'the file; only its `parameters` are taken (required)')
    .addHelpText('after', '\nExample:\n  $ dj-sandbox sweep set-space my-sweep --sweep narrower.yaml')
    .action(async (id: string, options: { sweep?: string }) => {
      const { required } = await import('../arguments.ts');
      const { parametersOf } = await import('../sweep/steering.ts');
      const parameters = parametersOf(required('--sweep', options.sweep));
      const { space } = await steer<{ space: { name: string }[] }>(id, 'setSpace', parameters);
      console.log(`sweep ${id}: trials from now on try ${space.map(({ name }) => name).join(', ')}`);
    });
}

/** `dj-sandbox sweep enqueue|stop-trial ID …` */
export function addSweepTrials(group: Command): void {
  group
    .command('enqueue')
    .description('has a point of your own tried next')
    .argument('<id>', ID)
    .argument('<path=value...>', 'a value for each parameter of the sweep')
    .addHelpText(
      'after',
      '\nExample:\n  $ dj-sandbox sweep enqueue my-sweep text_length_filter.min_len=20 before.extra_configs.k=2',
    )
    .action(async (id: string, pairs: string[]) => {
      const { settings } = await import('../arguments.ts');
      const { queued } = await steer<{ queued: number }>(id, 'enqueueTrial', settings(pairs, ''));
      console.log(`sweep ${id}: queued, ${queued === 1 ? 'it is tried next' : `${queued - 1} before it`}`);
    });
  group
    .command('stop-trial')
    .description('stops one trial of a sweep: it saves a checkpoint and ends, the sweep goes on')
    .argument('<id>', ID)
    .argument('<n>', 'number of the trial')
    .addHelpText('after', '\nExample:\n  $ dj-sandbox sweep stop-trial my-sweep 7')
    .action(async (id: string, n: string) => {
      const { wholeNumber } = await import('../arguments.ts');
      const trial = wholeNumber('stop-trial', n, 1);
      await steer(id, 'stopTrial', { trial });
      console.log(`sweep ${id}: trial ${trial} stops`);
    });
}

async function steer<T>(id: string, update: string, wish: unknown): Promise<T> {
  const { withServer } = await import('../connect.ts');
  const { steerSweep } = await import('../sweep/sweeps.ts');
  return await withServer(server => steerSweep<T>(server, id, update, wish));
}
