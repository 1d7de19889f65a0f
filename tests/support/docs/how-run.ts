// How each command line of the docs is run by a test.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../activities/runtime/paths.ts';
import { type CommandLine, wordsOf } from './command-lines.ts';

/**
 * `here`: by tests/docs/commands, in a folder of its own; `real`: by tests/slow-data/docs, on a server with workers; `guide`: there too, its
 * page as a whole from top to bottom; else by what is named (null: by nothing), for the reason that is given.
 */
export type How = 'here' | 'real' | 'guide' | { by: string | null; because: string };

/** Pages that are run from top to bottom. */
export const GUIDES = ['docs/first-hour.md'];

const ENDS_NEVER = 'it runs until it is stopped';
const SETS_UP = 'it makes environments for minutes, and trains on all cores';
const IS_A_CHECK = 'it is the check itself';

/** Commands of ours that need no server, and those that do. */
const HERE = [
  ...'validate plan refine components schema completion'.split(' '),
  ...['new component', 'sweep plan', 'env list', 'cache ls'],
];
const REAL = [
  ...'run list status watch logs metrics explain diff report context decisions sync'.split(' '),
  ...'pause resume stop retry skip set resume-from'.split(' '),
  ...'start status leaderboard decisions best list set-budget'.split(' ').map(name => `sweep ${name}`),
  ...'start status table'.split(' ').map(name => `study ${name}`),
  'cache gc',
];

/** What else is called, and ours that no test can just call. The first that fits counts. */
const RULES: readonly [RegExp, How][] = [
  [/^npm run demo -- --text$/, 'real'],
  [/^npm run demo/, { by: 'tests/configs/text-to-video.test.ts', because: SETS_UP }],
  [/^npm (test|run (verify|unit|test:slow|test:slow-data))\b/, { by: '.ci/run', because: IS_A_CHECK }],
  [/^npm run soak/, { by: 'tests/slow/soak.test.ts', because: 'a hundred seeds take half an hour' }],
  [/^(npm run|npx dj-sandbox) dev$/, { by: 'tests/real/dev.test.ts', because: ENDS_NEVER }],
  [/^(npx )?dj-sandbox worker /, { by: 'tests/real/client.test.ts', because: ENDS_NEVER }],
  [/\bword-count\b/, { by: 'tests/client/own-components.test.ts', because: 'that test goes through them' }],
  [/^(npx )?dj-sandbox env create /, { by: 'tests/client/environments.test.ts', because: SETS_UP }],
  [/^(npx )?dj-sandbox ui\b/, { by: 'tests/client/ui/serve.test.ts', because: ENDS_NEVER }],
  [/^temporal workflow start /, 'real'],
  [/^npm run setup$/, { by: 'tests/setup/python-environment.test.ts', because: SETS_UP }],
  [/^(jaeger$|export OTEL_)/, { by: 'tests/slow/traces.test.ts', because: 'Jaeger is not among what set-up brings' }],
  [/^ssh -L /, { by: null, because: 'a test has no other host' }],
  [/^sqlite3 .*\.backup/, { by: null, because: 'sqlite3 is not among what set-up brings' }],
  [/^uv run .*docs\/pictures\//, { by: null, because: 'it makes a picture anew, from minutes of training' }],
];

/** How a line is run; undefined where nobody said so. */
export function howRun({ page, text }: CommandLine): How | undefined {
  const ruled = RULES.find(([fits]) => fits.test(text))?.[1];
  if (GUIDES.includes(page)) return typeof ruled === 'object' ? ruled : 'guide';
  if (ruled) return ruled;
  const called = commandOf(text);
  if (called === null) return undefined;
  const names = (list: string[]) => list.some(name => called === name || called.startsWith(`${name} `));
  return names(HERE) ? 'here' : names(REAL) ? 'real' : undefined;
}

/** The words after `dj-sandbox`; null where a line calls something else. */
function commandOf(text: string): string | null {
  const words = wordsOf(text);
  if (words[0] === 'npx') words.shift();
  return words[0] === 'dj-sandbox' ? words.slice(1).join(' ') : null;
}

/** Whether what `how` names is there. */
export function isThere(how: How): boolean {
  return typeof how === 'string' || how.by === null || existsSync(join(packageRoot(), how.by));
}
