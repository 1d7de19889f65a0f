import type { Command } from 'commander';
import { clean } from '../text.ts';
import { complete } from './complete.ts';
import { idCandidates, jobCandidates } from './known-names.ts';

/**
 * Prints what the shells' functions read: `files` where names of files are wanted too, else `none`; then a line a candidate, word and help
 * with a tab between.
 */
export async function printCompletions(program: Command, words: readonly string[]): Promise<void> {
  const current = words.at(-1) ?? '';
  const { candidates, more } = complete(program, words);
  const known =
    more === 'ids'
      ? await idCandidates(current)
      : more !== null && typeof more === 'object'
        ? await jobCandidates(more.jobOf, current)
        : [];
  const lines = [...candidates, ...known].map(({ word, help }) => `${word}\t${clean(help)}`);
  process.stdout.write(`${[more === 'files' ? 'files' : 'none', ...lines].join('\n')}\n`);
}
