import type { Command } from 'commander';
import { addParentSignals } from './signals.ts';
import { addSweepBest } from './sweep-best.ts';
import { addSweepDecisions } from './sweep-decisions.ts';
import { addSweepLeaderboard } from './sweep-leaderboard.ts';
import { addSweepList } from './sweep-list.ts';
import { addSweepPlan } from './sweep-plan.ts';
import { addSweepSet, addSweepTrials } from './sweep-set.ts';
import { addSweepStart } from './sweep-start.ts';
import { addSweepStatus } from './sweep-status.ts';

/** Each adds subcommands. */
const SUBCOMMANDS: ((group: Command) => void)[] = [
  addSweepPlan,
  addSweepStart,
  addSweepStatus,
  addSweepLeaderboard,
  addSweepDecisions,
  addSweepBest,
  addSweepList,
  group => addParentSignals(group, 'sweep'),
  addSweepSet,
  addSweepTrials,
];

const EXAMPLES = `
Examples:
  $ dj-sandbox sweep plan --config sandbox.yaml --trials 20     what would be tried, without running
  $ dj-sandbox sweep start --config sandbox.yaml --sweep sweep.yaml
  $ dj-sandbox sweep leaderboard my-sweep
  $ dj-sandbox sweep set-budget my-sweep run_cap=60
  $ dj-sandbox sweep best my-sweep --out recipe.yaml`;

/** `dj-sandbox sweep …` */
export function addSweep(program: Command): void {
  const group = program.command('sweep').description('many trials of a config, each with values of its own');
  for (const add of SUBCOMMANDS) add(group);
  group.addHelpText('after', EXAMPLES);
}
