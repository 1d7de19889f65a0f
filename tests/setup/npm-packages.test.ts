import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { matches } from '../../setup/npm-packages.mjs';
import { inPackage } from '../../setup/places.mjs';

type Packages = Record<string, { integrity?: string; optional?: boolean }>;

const folder = mkdtempSync(join(tmpdir(), 'npm-'));

function isMatch(wanted: Packages, installed: Packages): boolean {
  const files = [wanted, installed].map((packages, i) => {
    const file = join(folder, `${i}.json`);
    writeFileSync(file, JSON.stringify({ packages }));
    return file;
  });
  return matches(files[0]!, files[1]!);
}

const zod = { integrity: 'sha512-zod' };

describe('npm packages are up to date', () => {
  it('when all that the lockfile asks for is installed; packages for other machines may be absent', () => {
    const wanted = { '': {}, 'node_modules/zod': zod, 'node_modules/mac': { integrity: 'sha512-mac', optional: true } };
    expect(isMatch(wanted, { 'node_modules/zod': zod })).toBe(true);
    expect(isMatch(wanted, { 'node_modules/zod': zod, 'node_modules/left-over': {} })).toBe(true);
  });

  it.each<[string, Packages]>([
    ['a package is absent', {}],
    ['a package is of another version', { 'node_modules/zod': { integrity: 'sha512-older' } }],
    [
      'an optional package is of another version',
      { 'node_modules/zod': zod, 'node_modules/mac': { integrity: 'sha512-older' } },
    ],
  ])('not when %s', (_, installed) => {
    const wanted = { '': {}, 'node_modules/zod': zod, 'node_modules/mac': { integrity: 'sha512-mac', optional: true } };
    expect(isMatch(wanted, installed)).toBe(false);
  });

  it('not when nothing was installed', () => {
    writeFileSync(join(folder, 'lock.json'), '{"packages": {}}');
    expect(matches(join(folder, 'lock.json'), join(folder, 'absent.json'))).toBe(false);
  });
});

interface Locked {
  version: string;
  optionalDependencies?: Record<string, string>;
}

describe('package-lock.json', () => {
  it('has an entry for the builds of every platform: `npm ci` refuses a lockfile that lacks one', () => {
    const { packages } = JSON.parse(readFileSync(inPackage('package-lock.json'), 'utf8')) as {
      packages: Record<string, Locked>;
    };
    const wanted = Object.values(packages).flatMap(each => Object.keys(each.optionalDependencies ?? {}));
    expect(wanted.filter(name => packages[`node_modules/${name}`] === undefined)).toEqual([]);
  });
});
