import type { Command } from 'commander';

/** Adds `--work-dir` to a command that reads what trials left on disk. */
export function addWorkDir(
  command: Command,
  help = 'where the trial works; default: found below this folder, else as the server says',
): Command {
  return command.option('--work-dir <folder>', help);
}
