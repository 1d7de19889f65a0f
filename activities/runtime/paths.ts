import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of this package: holds package.json, python/ and configs/, whether run from source or from dist/. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

/** Where set-up puts environments, tools, clips and models: `.sandbox` in the package, or `$DJ_SANDBOX_HOME`. */
export function sandboxHome(): string {
  return process.env.DJ_SANDBOX_HOME ?? join(packageRoot(), '.sandbox');
}

export type EnvironmentName =
  | 'data-juicer'
  | 'train'
  | 'vbench'
  | 'samplers'
  | 'pools'
  | 'quality'
  | 'modelscope'
  | 'trackers';

/** Interpreter of a locked Python environment; it may not exist before set-up ran. */
export function pythonOf(environment: EnvironmentName): string {
  return join(sandboxHome(), 'envs', environment, 'bin', 'python');
}

/** A file of ours under python/. */
export function pythonFile(...parts: string[]): string {
  return join(packageRoot(), 'python', ...parts);
}
