import { existsSync, readFileSync } from 'node:fs';
import { inPackage, isInstalled } from './places.mjs';
import { run } from './run.mjs';

/** @type {import('./folder-step.mjs').Step} */
export const npmPackages = {
  name: 'npm',
  title: 'npm packages from package-lock.json',
  download: '260 MB',
  isDone: () => isInstalled || matches(inPackage('package-lock.json'), inPackage('node_modules', '.package-lock.json')),
  run: () => run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { what: 'npm ci' }),
};

/**
 * Whether what npm says it installed is what the lockfile asks for; packages for other machines may be absent.
 * @param {string} lockfile
 * @param {string} installed npm's own record, which it writes last
 */
export function matches(lockfile, installed) {
  if (!existsSync(installed)) return false;
  const wanted = packagesOf(lockfile);
  const there = packagesOf(installed);
  return Object.entries(wanted).every(([path, { integrity, optional }]) => {
    if (path === '' || there[path]?.integrity === integrity) return true;
    return optional === true && there[path] === undefined;
  });
}

/**
 * @param {string} file
 * @returns {Record<string, { integrity?: string, optional?: boolean }>}
 */
function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}
