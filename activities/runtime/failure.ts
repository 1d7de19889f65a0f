/**
 * Thrown by a component when the job failed for good: the config, the data or the program is at fault, so that another attempt would fail too.
 * The message says what was wrong and what would be right.
 */
export class JobFailure extends Error {
  override name = 'JobFailure';
  /** Last lines of the log, oldest first. */
  readonly logTail: string[];
  constructor(message: string, options: { logTail?: string[]; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.logTail = options.logTail ?? [];
  }
}
