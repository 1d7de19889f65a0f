// What may stand at the end of a command line, from commander's own tree: commands, options, choices.
import type { Argument, Command, Option } from 'commander';

export interface Candidate {
  word: string;
  /** One line. */
  help: string;
}

/** What is asked for at the end of a command line. */
export interface Completion {
  candidates: Candidate[];
  /** What only the disk or the server knows; `job`: of the trial `of`. */
  more: 'files' | 'ids' | { jobOf: string } | null;
}

/** Options whose value is a file or folder. */
const PATHS = /<(file|folder|dir|path)[^=]*>/;
/** Arguments that are ids of trials, sweeps or studies. */
const IDS = new Set(['id', 'a', 'b', 'trial', 'sweep', 'study']);
const HELP: Candidate = { word: '--help', help: 'display help for command' };
const NOTHING: Completion = { candidates: [], more: null };

/** Completes the last of `words` (which may be empty); `words` are those after the program's name. */
export function complete(program: Command, words: readonly string[]): Completion {
  const current = words.at(-1) ?? '';
  const { command, given, used, waiting } = walk(program, words.slice(0, -1));
  if (waiting)
    return { ...valuesOf(waiting, given), candidates: beginning(valuesOf(waiting, given).candidates, current) };
  if (current.startsWith('-')) return { candidates: beginning(optionsOf(command, used), current), more: null };
  if (command.commands.length > 0) return { candidates: beginning(commandsOf(command), current), more: null };
  const { registeredArguments: args } = command;
  const argument = args[given.length] ?? args.findLast(each => each.variadic);
  return argument ? argumentValues(argument, current) : NOTHING;
}

interface Walked {
  command: Command;
  /** Arguments before the end. */
  given: string[];
  /** Options before the end, by their long names. */
  used: Set<string>;
  /** The option whose value comes next. */
  waiting: Option | null;
}

function walk(program: Command, words: readonly string[]): Walked {
  const walked: Walked = { command: program, given: [], used: new Set(), waiting: null };
  for (const word of words) {
    if (walked.waiting) {
      walked.waiting = null;
      continue;
    }
    if (word.startsWith('-')) {
      const option = walked.command.options.find(each => each.long === word || each.short === word);
      if (option?.long) walked.used.add(option.long);
      if (option?.required) walked.waiting = option;
      continue;
    }
    const below = walked.command.commands.find(each => each.name() === word || each.aliases().includes(word));
    if (below && walked.given.length === 0) Object.assign(walked, { command: below, given: [], used: new Set() });
    else walked.given.push(word);
  }
  return walked;
}

function valuesOf(option: Option, given: readonly string[]): Completion {
  if (option.argChoices) return { candidates: option.argChoices.map(word => ({ word, help: '' })), more: null };
  if (option.long === '--job' && given[0] !== undefined) return { candidates: [], more: { jobOf: given[0] } };
  return { candidates: [], more: PATHS.test(option.flags) ? 'files' : null };
}

function argumentValues(argument: Argument, current: string): Completion {
  if (argument.argChoices)
    return {
      candidates: beginning(
        argument.argChoices.map(word => ({ word, help: '' })),
        current,
      ),
      more: null,
    };
  return { candidates: [], more: IDS.has(argument.name()) ? 'ids' : null };
}

function optionsOf(command: Command, used: ReadonlySet<string>): Candidate[] {
  const options = command.options.filter(({ long, hidden }) => long && !hidden && !used.has(long));
  return [...options.map(({ long, description }) => ({ word: long!, help: description })), HELP];
}

function commandsOf(command: Command): Candidate[] {
  const { commands } = command;
  return command
    .createHelp()
    .visibleCommands(command)
    .filter(each => commands.includes(each) || each.name() === 'help')
    .map(each => ({ word: each.name(), help: each.description() }));
}

function beginning(candidates: readonly Candidate[], current: string): Candidate[] {
  return candidates.filter(({ word }) => word.startsWith(current));
}
