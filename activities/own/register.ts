// `node --import dj-sandbox/register`: programs of the user's, such as tests of their components, import TypeScript like the workers do.
import { registerModuleHooks } from './register-module-hooks.ts';

registerModuleHooks();
