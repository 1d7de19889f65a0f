// Writes python/locks/*.lock.txt from the *.in files beside them: `npm run lock -- [name…]`. Run by maintainers, not by set-up.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const locks = join(root, 'python', 'locks');
const installed = join(root, '.sandbox', 'envs', 'uv', 'bin', 'uv');
const uv = process.env.UV ?? (existsSync(installed) ? installed : 'uv');

// The CPU and the CUDA build of these carry one version and different hashes.
const twoBuilds = ['torch', 'torchvision'];

/**
 * @param {string} input
 * @param {string[]} flags
 */
function compile(input, ...flags) {
  const args = ['pip', 'compile', '--quiet', '--universal', '--python-version', '3.10', '--generate-hashes'];
  const plain = ['--no-emit-index-url', '--no-header', '--no-annotate', ...flags];
  return execFileSync(uv, [...args, ...plain, input], { cwd: locks, encoding: 'utf8' });
}

/**
 * @param {string} lock
 * @param {string[]} names
 */
function withoutHashes(lock, names) {
  const requirement = new RegExp(`^(?:${names.join('|')})==`);
  const kept = [];
  let skipping = false;
  for (const line of lock.split('\n')) {
    if (!line.startsWith(' ')) skipping = requirement.test(line);
    if (skipping && line.startsWith(' ')) continue;
    kept.push(skipping ? line.replace(/ \\$/, '') : line);
  }
  return kept.join('\n');
}

const names = process.argv.slice(2);
const all = readdirSync(locks).filter(file => file.endsWith('.in') && !file.includes('.no-deps.'));
for (const name of names.length > 0 ? names : all.map(file => file.slice(0, -'.in'.length))) {
  const alone = `${name}.no-deps.in`;
  const parts = [compile(`${name}.in`), existsSync(join(locks, alone)) ? compile(alone, '--no-deps') : ''];
  writeFileSync(join(locks, `${name}.lock.txt`), withoutHashes(parts.join(''), twoBuilds));
  console.log(`python/locks/${name}.lock.txt`);
}
