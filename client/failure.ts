/** What `dj-sandbox` exits with. */
export const EXIT = { done: 0, failed: 1, badInput: 2, interrupted: 130 } as const;

/** Ends the command with one sentence on stderr: the user can do something about it. */
export class CommandFailure extends Error {
  override name = 'CommandFailure';
  readonly exitCode: number;
  constructor(message: string, exitCode: number = EXIT.badInput, options: { cause?: unknown } = {}) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** Says on stderr what went wrong, in one sentence (with the stack where DEBUG is set), and returns the exit code. */
export function reportFailure(error: unknown): number {
  const known = error instanceof CommandFailure;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`dj-sandbox: ${message}\n`);
  if (process.env.DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  else if (!known) process.stderr.write('(set DEBUG=1 to see where that came from)\n');
  return known ? error.exitCode : EXIT.failed;
}
