import { register } from 'node:module';
import { extname } from 'node:path';

let isRegistered = false;

/** Has Node ask `module-hooks` about every module that is imported from now on. */
export function registerModuleHooks(): void {
  if (isRegistered) return;
  isRegistered = true;
  // Stacks tell the user's own lines.
  process.setSourceMapsEnabled(true);
  register(`./module-hooks${extname(import.meta.url)}`, import.meta.url);
}
