import { Ansis } from 'ansis';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { diffLines } from '../../../client/diff/diff-view.ts';
import type { Json } from '../../../plan/plan.ts';
import { diffTrials } from '../../../report/diff/diff-trials.ts';
import { flatten } from '../../../report/diff/flatten.ts';
import type { JobFacts } from '../../../report/diff/trial-facts.ts';

const paint = new Ansis(0);

test('a config is dotted keys; ops of a recipe have their names in them, also twice; other lists are values', () => {
  const config: Json = {
    np: 2,
    process: [{ text_filter: { min: 1, max: 2 } }, { dedup: null }, { text_filter: { min: 3 } }],
    list: [1, 2],
    empty: {},
  };
  expect(Object.fromEntries(flatten(config))).toEqual({
    np: 2,
    'process.text_filter.min': 1,
    'process.text_filter.max': 2,
    'process.dedup': {},
    'process.text_filter#2.min': 3,
    list: [1, 2],
    empty: {},
  });
});

interface Given {
  key?: string;
  done?: boolean;
  config?: Json;
  recipe?: Json;
  data?: Json;
  results?: Json;
}

function facts(job: string, { key = 'k', done = true, ...given }: Given): JobFacts {
  const { config = {}, recipe = {}, data = {}, results = {} } = given;
  const map = (value: Json) => new Map(Object.entries(value as Record<string, Json>));
  return {
    job,
    component: 'process.data-juicer',
    key,
    done,
    facts: { config: map(config), recipe: map(recipe), data: map(data), results: map(results) },
  };
}

const A = [
  facts('p.1-look', {}),
  facts('p.2-filter', {
    key: 'a',
    recipe: { 'text_filter.min': 10 },
    data: { samples_out: 20, 'dataset sha256': 'aa' },
  }),
  facts('p.3-train', { key: 'a', results: { loss: 0.5, nan: null } }),
  facts('p.4-old', {}),
];
const B = [
  facts('p.1-look', {}),
  facts('p.2-filter', {
    key: 'b',
    recipe: { 'text_filter.min': 12 },
    data: { samples_out: 15, 'dataset sha256': 'bb' },
  }),
  facts('p.3-train', { key: 'b', done: false, config: { seed: 7 } }),
  facts('p.5-new', {}),
];

describe('two trials', () => {
  test('have the same, differing and own jobs, by their ids', () => {
    expect(diffTrials(A, B).map(({ job, verdict }) => [job, verdict])).toEqual([
      ['p.1-look', 'same'],
      ['p.2-filter', 'differs'],
      ['p.3-train', 'differs'],
      ['p.4-old', 'only-a'],
      ['p.5-new', 'only-b'],
    ]);
  });

  test('that are one have no differences', () => {
    expect(diffTrials(A, A).every(({ verdict }) => verdict === 'same')).toBe(true);
    expect(diffLines('a', 'a', diffTrials(A, A), { width: 100, paint }).join('\n')).not.toMatch(
      /Config|Recipe|Results/,
    );
  });

  test('stand side by side where there is room, with what changed by how much', () => {
    const lines = diffLines('one', 'other', diffTrials(A, B), { width: 120, paint });
    expect(lines.slice(0, 2)).toEqual(['--- A one', '+++ B other']);
    expect(lines).toContain('  text_filter.min  10  12 (+2, +20%)');
    expect(lines.find(line => line.startsWith('  samples_out'))).toMatch(/20 +15 \(-5, -25%\)/);
    expect(lines).toContain('  seed  –  7');
    expect(lines.slice(-4)).toEqual([
      'The same result in both: p.1-look',
      'Only in A: p.4-old',
      'Only in B: p.5-new',
      'Not done, so without results: p.3-train (B)',
    ]);
  });

  test('stand one below the other in narrow terminals, and on request', () => {
    for (const size of [{ width: 60 }, { width: 200, unified: true }]) {
      const lines = diffLines('one', 'other', diffTrials(A, B), { ...size, paint });
      expect(lines).toContain('- text_filter.min: 10');
      expect(lines).toContain('+ text_filter.min: 12 (+2, +20%)');
      expect(lines).toContain('+ seed: 7');
    }
  });

  test.each([20, 40, 80, 200])('never have a line wider than %i columns, nor control characters', width => {
    const wild: Json = { ['损失'.repeat(90)]: 1 };
    const name = `${'值🎬'.repeat(300)}<script>"`;
    const one = [facts('x'.repeat(2000), { key: 'a', config: { [name]: 'a\u001b[2J\nb'.repeat(50) }, results: wild })];
    const other = [facts('x'.repeat(2000), { key: 'b', config: { [name]: 1 } })];
    for (const line of diffLines('i'.repeat(500), '号'.repeat(500), diffTrials(one, other), { width, paint })) {
      expect(stringWidth(line), line).toBeLessThanOrEqual(width);
      expect(line).not.toMatch(/\p{Cc}/u);
    }
  });

  test('are in colours where there are colours', () => {
    expect(diffLines('a', 'b', diffTrials(A, B), { width: 120, paint: new Ansis(1) }).join('')).toContain('\u001b[31m');
  });
});
