import type { Command } from 'commander';
import { addSweepPlan } from './sweep-plan.ts';

/** Each adds one subcommand; its file is `sweep-<name>.ts`. */
const SUBCOMMANDS: ((group: Command) => void)[] = [addSweepPlan];

/** `dj-sandbox sweep …` */
export function addSweep(program: Command): void {
  const group = program.command('sweep').description('many trials of a config, each with values of its own');
  for (const add of SUBCOMMANDS) add(group);
}
