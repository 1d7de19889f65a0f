// The command lines in the docs, and whether the command knows them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, CommanderError } from 'commander';
import { packageRoot } from '../../../activities/runtime/paths.ts';
import { program } from '../../../client/program.ts';
import { type Block, blocksOf, type Page, spansOf } from './pages.ts';

export interface CommandLine {
  page: string;
  line: number;
  /** As it stands there, its continuations joined, without `$ ` and comment. */
  text: string;
}

/** Languages of blocks whose lines a user types. */
const SHELLS = new Set(['sh', 'bash', 'shell', 'zsh']);
const FIRST_WORDS = /^(npx |dj-sandbox |npm |temporal |git |node |uv |\$ )/;

/** All that its blocks tell a user to type: each line of a shell's block, of a `console` block what follows `$ `. */
export function commandLines(page: Page): CommandLine[] {
  return blocksOf(page).flatMap(block => {
    if (isTyped(block)) return linesOf(block);
    if (block.language === 'console') return linesOf({ ...block, text: block.text.replaceAll(/^(?!\$ ).*/gm, '') });
    return [];
  });
}

/** A script that begins with `#!` is a file, not what a user types. */
function isTyped({ language, text }: Block): boolean {
  return SHELLS.has(language) && !text.startsWith('#!');
}

/** Lines that look like commands where nobody would look for them: in indented blocks. */
export function strayCommands({ path, text }: Page): string[] {
  const lines = text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, fenced => fenced.replaceAll(/[^\n]/g, '')).split('\n');
  return lines.flatMap((line, i) =>
    /^ {4,}\S/.test(line) && FIRST_WORDS.test(line.trim()) ? [`${path}:${i + 1}: ${line.trim()}`] : [],
  );
}

const OURS = program();
const GROUPS = OURS.commands.filter(command => command.commands.length > 0).map(command => command.name());
/** In the text: a call of ours, or two words that are one of its subcommands, or a script of npm's. */
const CALLED = new RegExp(
  `^(?:(?:npx )?dj-sandbox (?<ours>.+)|(?<below>(?:${GROUPS.join('|')}) [a-z].*)|(?<npm>npm (?:run|test).*))`,
);

/** What calls the command elsewhere: in the text, in units, job scripts and manifests. Options in brackets are taken as given, of `a|b` each. */
export function mentions(page: Page): CommandLine[] {
  const inText = spansOf(page).flatMap(({ line, text }) => {
    const { ours, below, npm } = CALLED.exec(text)?.groups ?? {};
    const called = ours ?? below;
    const whole = called === undefined ? npm : `dj-sandbox ${called}`;
    if (whole === undefined) return [];
    return eachOf(whole.replaceAll(/[[\]()]| \\?\| .*/g, '')).map(each => ({ page: page.path, line, text: each }));
  });
  const inFiles = blocksOf(page)
    .filter(block => !isTyped(block) && !['console', 'text', 'ts'].includes(block.language))
    .flatMap(({ page: path, line, text }) =>
      text.split('\n').flatMap((each, i) => {
        const plain = /(?<![\w/-])(?:\/\S+\/)?dj-sandbox ([a-z][^;"'#]*)/.exec(each)?.[1];
        const list = /[[ ]dj-sandbox, ([^\]]+)\]/.exec(each)?.[1]?.replaceAll(/, */g, ' ');
        const words = list ?? plain;
        return words ? [{ page: path, line: line + i, text: `dj-sandbox ${words.trim()}` }] : [];
      }),
    );
  return [...inText, ...inFiles];
}

/** `a|b c` is `a c` and `b c`. */
function eachOf(text: string): string[] {
  const [, choice] = /(?:^| )([\w-]+(?:\|[\w-]+)+)/.exec(text) ?? [];
  return choice === undefined ? [text] : choice.split('|').map(word => text.replace(choice, word));
}

function linesOf({ page, line, text }: Block): CommandLine[] {
  const lines: CommandLine[] = [];
  let until: string | null = null;
  let open = '';
  for (const [i, raw] of text.split('\n').entries()) {
    if (until !== null) {
      if (raw === until) until = null;
      continue;
    }
    const whole = `${open}${open ? raw.trimStart() : raw.replace(/^\$ /, '')}`;
    open = whole.endsWith('\\') ? `${whole.slice(0, -1).trimEnd()} ` : '';
    if (open) continue;
    const typed = withoutComment(whole).trim();
    until = /<<'?(\w+)'?/.exec(typed)?.[1] ?? null;
    if (typed !== '') lines.push({ page, line: line + i, text: typed });
  }
  return lines;
}

/** Without what follows a `#` that is in no quotes and begins a word. */
function withoutComment(text: string): string {
  return /^(?:'[^']*'|"[^"]*"|[^'"#]|(?<=\S)#)*/.exec(text)![0];
}

/** Its words as a shell splits them, up to the first operator. Nothing is expanded. */
export function wordsOf(text: string): string[] {
  const words = text.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
  const operator = words.findIndex(word => /^(?:[0-9]?[<>|&;].*)$/.test(word));
  return words.slice(0, operator < 0 ? undefined : operator).map(word => word.replaceAll(/['"]/g, ''));
}

/**
 * What the command says against a line that calls it, or npm's package.json against one that calls npm; null where nothing is
 * wrong, undefined where it calls something else.
 */
export function wrongWith(text: string): string | null | undefined {
  const words = wordsOf(text).filter(
    (word, i, all) => !/^[A-Z_]+=/.test(word) && (word !== '…' || all[i - 1]?.startsWith('--')),
  );
  if (words[0] === 'npm') return wrongWithNpm(words.slice(1));
  const rest = words[0] === 'npx' ? words.slice(1) : words;
  return rest[0] === 'dj-sandbox' ? wrongWithOurs(rest.slice(1)) : undefined;
}

function wrongWithNpm([command = '', ...rest]: string[]): string | null | undefined {
  if (command !== 'run' && command !== 'test') return undefined;
  const { scripts } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));
  const script = command === 'test' ? 'test' : rest[0]!;
  if (!Object.hasOwn(scripts, script)) return `package.json has no script ${script}`;
  const after = rest.indexOf('--');
  return script === 'demo' && after >= 0 ? wrongWithOurs(['demo', ...rest.slice(after + 1)]) : null;
}

function wrongWithOurs(words: string[]): string | null {
  let command: Command = OURS;
  let rest = words;
  for (;;) {
    const below = command.commands.find(each => each.name() === rest[0]);
    if (!below) break;
    command = below;
    rest = rest.slice(1);
  }
  if (command.commands.length > 0 && !rest.includes('--help') && !rest.includes('--version'))
    return rest.length === 0 ? null : `there is no command ${rest[0]} in ${command.name()}`;
  try {
    command.configureOutput({ writeErr: () => {} });
    const { operands, unknown } = command.parseOptions(rest.filter(word => word !== '--help'));
    if (unknown.length > 0) return `${command.name()} has no option ${unknown[0]}`;
    const { registeredArguments: known } = command;
    if (operands.length > known.length && !known.at(-1)?.variadic) return `${operands.at(-1)} is one argument too many`;
    const bad = known.findIndex(({ argChoices }, i) => argChoices && operands[i] && !argChoices.includes(operands[i]!));
    return bad < 0 ? null : `${operands[bad]} is none of ${known[bad]!.argChoices!.join(', ')}`;
  } catch (error) {
    if (error instanceof CommanderError) return error.message;
    throw error;
  }
}
