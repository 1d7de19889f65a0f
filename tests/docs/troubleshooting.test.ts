// docs/troubleshooting.md quotes messages: each must still be in the code, and what is said of a program's words must be what the code says of them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { adviceFor, retriesByCause } from '../../activities/runtime/failure-causes.ts';
import { packageRoot } from '../../activities/runtime/paths.ts';
import { blocksOf, page } from '../support/docs/pages.ts';

const FOLDERS = ['activities', 'client', 'plan', 'python', 'setup', 'workers', 'workflows'];
const BLOCKS = blocksOf(page('docs/troubleshooting.md'));
const lines = (language: string) =>
  BLOCKS.filter(block => block.language === language).flatMap(({ line, text }) =>
    text.split('\n').flatMap((each, i) => (each === '' ? [] : [[line + i, each] as const])),
  );

/** A source each: files with texts in one piece that stand there in several, without escapes; files of Data-Juicer's process are one. */
function sources(): string[] {
  const files = FOLDERS.flatMap(folder =>
    readdirSync(join(packageRoot(), folder), { recursive: true, encoding: 'utf8' })
      .filter(name => /\.(ts|mjs|py)$/.test(name))
      .map(name => join(folder, name)),
  );
  return files.map(name =>
    readFileSync(join(packageRoot(), name), 'utf8')
      .replaceAll(/(['"`])(?: \+)?\n\s*(?:\+ )?f?(['"`])/g, '')
      .replaceAll(/\\(?:n|(['"`\\]))/g, '$1'),
  );
}

/**
 * Whether a message is made in `source`: its text between what differs (`…`) is there, in one piece, or where the code puts it together in clauses,
 * clause by clause.
 */
function says(source: string, message: string): boolean {
  return message
    .split('…')
    .every(text => source.includes(text) || text.split(/[:;] |[():]/).every(clause => source.includes(clause)));
}

const SOURCES = sources();

test.each(lines('text'))('the message of line %i is in the code: %s', (_, message) => {
  expect(SOURCES.some(source => says(source, message))).toBe(true);
});

test.each(lines('log'))('of the words of line %i the code says what the page says: %s', (line, words) => {
  const advice = adviceFor({ argv: ['python3'], cwd: '/work', signal: null, tail: [words] });
  const next = BLOCKS[BLOCKS.findIndex(block => block.line === line) + 1]!;
  if (words.startsWith('Segmentation fault')) return;
  expect(says(advice ?? '', next.text.split('\n')[0]!), `${advice}`).toBe(true);
});

test.each(
  retriesByCause()
    .slice(1)
    .filter(({ pattern }) => !pattern.startsWith('^dj-sandbox')),
)('a program that fails with $pattern has a place on the page', ({ pattern }) => {
  expect(lines('log').some(([, words]) => new RegExp(pattern).test(words))).toBe(true);
});

test.each([
  ['no Temporal server answers on …: start it'],
  ['all devices of … for tag … are taken or wanted'],
  ['the disc is full: free space where the job writes'],
])('a message that is not in the code is noticed: %s', message => {
  expect(SOURCES.some(source => says(source, message))).toBe(false);
});
