// docs/components.md: that it is what the code and the tests have. `npm run docs:components` writes it anew.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { components } from '../../activities/components.ts';
import { packageRoot } from '../../activities/runtime/paths.ts';
import { EVIDENCE } from '../support/component-evidence.ts';
import { componentsPage } from '../support/components-page.ts';

const PAGE = join(packageRoot(), 'docs', 'components.md');

test('docs/components.md is what the code makes of it', async () => {
  await expect(componentsPage(readFileSync(PAGE, 'utf8'))).toMatchFileSnapshot(PAGE);
});

test('a page that lost a mark is told which', () => {
  expect(() => componentsPage('# Hooks and types\n')).toThrow('needs the lines <!-- begin components');
});

describe('what is said of how components were tried', () => {
  it('is said of every component that runs, and of no other', () => {
    expect(Object.keys(EVIDENCE).sort()).toEqual(components.map(({ name }) => name).sort());
  });

  it.each(Object.entries(EVIDENCE))('names a test of %s that is there', (_, { test: named }) => {
    const [, file, title] = /^([\w/-]+): (.+)$/.exec(named) ?? [];
    const path = join(packageRoot(), 'tests', `${file}.test.ts`);
    expect(existsSync(path), path).toBe(true);
    expect(readFileSync(path, 'utf8').replaceAll("\\'", "'")).toContain(title);
  });
});
