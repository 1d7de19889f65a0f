import type { MANAGERS } from '../../../plan/environment.ts';

/** What a config says of its environment; a component with more keys hands in its whole config. */
export interface EnvironmentChoice {
  /** `python`: an interpreter; it wins over an environment. */
  launcher?: { python?: string | null | undefined } | null | undefined;
  env_name?: string | null | undefined;
  env_manager?: (typeof MANAGERS)[number] | null | undefined;
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
