import { type EnvironmentName, pythonOf } from '../paths.ts';
import { present } from './present.ts';

/** Interpreter of one of our own locked environments. Throws JobFailure where set-up has not made it. */
export function lockedPython(name: EnvironmentName): string {
  return present(pythonOf(name), 'run set-up (`npm run setup`), or name one in launcher.python');
}
