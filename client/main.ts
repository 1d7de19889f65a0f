#!/usr/bin/env node
// The command `dj-sandbox`.
import { CommanderError } from 'commander';
import { EXIT, reportFailure } from './failure.ts';
import { program } from './program.ts';

// `dj-sandbox list | head` closes our output: that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

try {
  await program().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT.badInput;
  else process.exitCode = reportFailure(error);
}
