import type { z } from 'zod';
import type { environmentKeys } from '../../../plan/environment.ts';

type Keys = z.output<z.ZodObject<typeof environmentKeys>>;

export type Manager = NonNullable<Keys['env_manager']>;

/** What a config says of its environment; a component hands in its whole config. */
export interface EnvironmentChoice extends Partial<Keys> {
  /** `python`: an interpreter; it wins over an environment. */
  launcher?: { python?: string | null | undefined } | null | undefined;
}

/** How programs run in an environment. */
export interface Environment {
  /** Start of a command line that runs Python in it. */
  python: string[];
  /** What stands before the command line of any other program: `[...before, 'torchrun', …]`. */
  before: string[];
  /** Variables that its programs need. */
  env: Record<string, string>;
}
