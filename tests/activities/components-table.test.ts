import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { registry } from '../../activities/components.ts';

const WORDS = ['real', 'real, small', 'player', 'not run'];

interface Row {
  hook: string;
  type: string;
  component: string;
  here: string;
  test: string;
}

function rowsOf(markdown: string): Row[] {
  const lines = markdown.split('\n').filter(line => /^\| \w+Hook \|/.test(line));
  return lines.map(line => {
    const cells = line.split('|').slice(1, -1);
    const [hook, type, component, here, test] = cells.map(cell => cell.trim().replaceAll('`', ''));
    return { hook: hook!, type: type!, component: component!, here: here!, test: test! };
  });
}

const rows = rowsOf(readFileSync('docs/components.md', 'utf8'));

test('docs/components.md has each component once, under its hook and type, and no other', () => {
  const told = rows.map(({ hook, type, component }) => `${hook} ${type} ${component}`).sort();
  expect(told).toEqual(registry.map(({ hook, type = '', name }) => `${hook} ${type} ${name}`).sort());
});

test.each(registry.map(spec => [spec.name, spec] as const))(
  'docs/components.md says of %s whether it runs',
  (name, spec) => {
    const row = rows.find(each => each.component === name);
    expect(WORDS).toContain(row?.here);
    expect(row!.here === 'not run').toBe(spec.notRunnable !== undefined);
  },
);

test.each(rows.filter(row => row.here !== 'not run'))(
  'the test that docs/components.md names for $component is there',
  row => {
    const [, file, title] = /^([\w/-]+): (.+)$/.exec(row.test) ?? [];
    const path = `tests/${file}.test.ts`;
    expect(existsSync(path), path).toBe(true);
    expect(readFileSync(path, 'utf8').replaceAll("\\'", "'")).toContain(title);
  },
);
