import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { brokenLink, linksOf, type Page, page, pages, spansOf } from '../support/docs/pages.ts';

const PAGES = pages().map(page => [page.path, page] as const);
const places = (from: Page, targets: { line: number; target: string }[]) =>
  targets.flatMap(({ line, target }) => {
    const broken = brokenLink(from, target);
    return broken ? [`${from.path}:${line}: ${target}: ${broken}`] : [];
  });

test.each(PAGES)('links, anchors and pictures of %s lead somewhere', (_, each) => {
  expect(places(each, linksOf(each))).toEqual([]);
});

test.each(PAGES)('pages of docs/ that %s names in its text are there', (_, each) => {
  const bare = [...each.text.matchAll(/(?<![\w/(.-])docs\/[\w-]+\.md/g)].map(([name]) => name);
  expect(bare.filter(name => !PAGES.some(([path]) => path === name))).toEqual([]);
});

test('a link that leads nowhere is noticed, whatever is wrong with it', () => {
  const from = { path: 'docs/configs.md', text: '' };
  expect(brokenLink(from, 'durabilty.md')).toContain('there is no docs/durabilty.md');
  expect(brokenLink(from, 'durability.md#no-such-heading')).toContain('has no heading');
  expect(brokenLink(from, '../../outside.md')).toContain('there is no');
  expect(brokenLink(from, 'durability.md#running-for-days')).toBeNull();
  const broken = linksOf({ path: 'x.md', text: 'a\n[b](c.md) `[no](link.md)`\n```sh\n[no](link.md)\n```\n' });
  expect(broken).toEqual([{ line: 2, target: 'c.md' }]);
});

test('README.md and docs/README.md lead to every page', () => {
  const linked = new Set(
    [pages().find(({ path }) => path === 'README.md')!, page('docs/README.md')].flatMap(from =>
      linksOf(from).map(({ target }) => normalize(join(dirname(from.path), target.split('#')[0]!))),
    ),
  );
  const names = PAGES.map(([path]) => path).filter(path => path.startsWith('docs/') && path !== 'docs/README.md');
  expect(names.filter(name => !linked.has(name))).toEqual([]);
});

test('no page has a backtick too many', () => {
  for (const [path, each] of PAGES)
    for (const { line, text } of spansOf(each)) expect(text.length, `${path}:${line}`).toBeLessThan(400);
});
