import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { program } from '../../client/program.ts';

/** Every command that does something, by its words. */
function commandsOf(command: Command, words: readonly string[] = []): [string, Command][] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter(each => each.name() !== 'help')
    .flatMap(each => {
      const name = [...words, each.name()];
      const own: [string, Command][] = each.commands.length > 0 ? commandsOf(each, name) : [];
      return [[name.join(' '), each], ...own] as [string, Command][];
    });
}

/** What `--help` prints. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: part => (text += part) });
  command.outputHelp();
  return text;
}

const whole = program();

test('the help of the whole names every command', () => {
  const help = helpOf(whole);
  for (const command of whole.createHelp().visibleCommands(whole))
    expect(help).toMatch(new RegExp(`^  ${command.name()}\\b`, 'm'));
});

describe.each(commandsOf(whole))('help of %s', (words, command) => {
  test('says what it does, and has an example that begins with it', () => {
    expect(command.description()).not.toBe('');
    expect(helpOf(command)).toContain(`$ dj-sandbox ${words}`);
  });

  test('says what each option and argument is', () => {
    for (const { flags, description } of command.options) expect(description, flags).not.toBe('');
    for (const argument of command.registeredArguments) expect(argument.description, argument.name()).not.toBe('');
  });
});
