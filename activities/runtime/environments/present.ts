import { existsSync } from 'node:fs';
import { JobFailure } from '../failure.ts';

/** The interpreter, or a JobFailure that says what would be right. */
export function present(python: string, advice: string): string {
  if (!existsSync(python)) throw new JobFailure(`there is no Python interpreter at ${python}: ${advice}`);
  return python;
}
