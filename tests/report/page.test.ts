import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { assetText } from '../../report/assets.ts';
import { html, named, visible } from '../../report/html.ts';
import { LIVE_POLICY, page } from '../../report/page.ts';
import { type Chart, chartHtml, table } from '../../report/section.ts';

const HOSTILE = `</script><script>alert(1)</script><!-- "'><img src=x onerror=alert(1)> \u202e😀 ${'x'.repeat(2000)}`;

const chart: Chart = {
  id: 'loss',
  title: HOSTILE,
  label: `Loss of ${HOSTILE}`,
  option: { series: [{ type: 'line', name: HOSTILE, data: [[0, 1]] }] },
  table: table({ caption: HOSTILE, columns: [{ title: HOSTILE }], rows: [[HOSTILE]] }),
};
/** Its option as the page has it: marks that turn the direction of writing are made visible. */
const drawn = { series: [{ type: 'line', name: visible(HOSTILE), data: [[0, 1]] }] };
const text = page({
  title: named(HOSTILE),
  tab: HOSTILE,
  subtitle: HOSTILE,
  sections: [{ id: 'curves', title: HOSTILE, html: html`${chartHtml(chart)}`, charts: [chart] }],
  data: { name: HOSTILE, 'not a number': null },
});

test('names with markup, quotes, comments and direction marks stay text: in headings, attributes, tables and data', () => {
  expect(text).not.toContain('<script>alert');
  expect(text).not.toContain('<img src=x');
  const json = /<script type="application\/json" id="report-data">(.*?)<\/script>/s.exec(text)![1]!;
  expect(json).not.toMatch(/[<>&]/);
  expect(JSON.parse(json)).toEqual({
    data: { name: visible(HOSTILE), 'not a number': null },
    charts: { loss: drawn },
  });
});

test('a long name is shortened, all of it in its title; marks that turn the direction of writing are made visible', () => {
  const shown = String(named(HOSTILE));
  expect(/>([^<]*)<\/bdi>/.exec(shown)![1]!.length).toBeLessThan(400);
  expect(shown).toContain('\\u202e');
  expect(shown).not.toContain('\u202e');
  expect(String(named('plain'))).toBe('<bdi class="name">plain</bdi>');
});

test('its policy names each script by its hash and allows nothing from elsewhere', () => {
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(text)![1]!.replaceAll('&#39;', "'");
  const hashes = [...text.matchAll(/<script>(.*?)<\/script>/gs)].map(
    ([, script]) => `'sha256-${createHash('sha256').update(script!).digest('base64')}'`,
  );
  expect(hashes.length).toBeGreaterThan(3);
  expect(policy).toContain(`script-src ${hashes.join(' ')};`);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("connect-src 'none'");
  expect(policy).not.toMatch(/https?:/);
});

test('a page without charts carries no charting library', () => {
  expect(text.length).toBeGreaterThan(1_000_000);
  expect(page({ title: 't', tab: 't', sections: [] }).length).toBeLessThan(100_000);
});

test('a page of a server has no script in it that would run, and asks that server for all of them', () => {
  const sections = [{ id: 'a', title: 'a', html: html``, charts: [chart] }];
  const banner = { html: html`<nav>${HOSTILE}</nav>`, charts: [{ ...chart, id: 'now' }] };
  const served = page({ title: 't', tab: 't', sections, banner, live: true });
  const scripts = [...served.matchAll(/<script ([^>]*)>/g)].map(([, attributes]) => attributes!);
  expect(scripts[0]).toBe('type="application/json" id="report-data"');
  const sources = scripts.slice(1).map(text => /^src="\/assets\/([a-z.]+)"$/.exec(text)?.[1] ?? text);
  expect(sources[0]).toBe('echarts.min.js');
  for (const name of sources) expect(assetText(name)).not.toBeNull();
  expect(served.length).toBeLessThan(50_000);
  expect(LIVE_POLICY).toContain("script-src 'self';");
  expect(served).toContain(LIVE_POLICY.replaceAll("'", '&#39;'));
  expect(JSON.parse(/id="report-data">(.*?)<\/script>/s.exec(served)![1]!).charts).toEqual({
    now: drawn,
    loss: drawn,
  });
});

test.each(['../page.ts', 'nothing.js', 'page.ts', '', 'a/b.js', 'PAGE.CSS'])('%o is no asset', name => {
  expect(assetText(name)).toBeNull();
});
