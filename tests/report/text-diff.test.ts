import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffTexts } from '../../report/collect/text-diff.ts';

test('without what is new a diff is the old text, without what is old the new one', () => {
  const lines = fc.array(fc.constantFrom('a', 'b', 'c', ''), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(lines, lines, (a, b) => {
      const diff = diffTexts(a.join('\n'), b.join('\n'));
      const text = (kind: string) => diff.filter(line => line.kind !== kind).map(line => line.text);
      const withoutEnd = (all: string[]) => all.join('\n').replace(/\n$/, '');
      expect(text('new').join('\n')).toBe(withoutEnd(a));
      expect(text('old').join('\n')).toBe(withoutEnd(b));
    }),
  );
});

test('of two texts that differ in one line only that one is told', () => {
  expect(diffTexts('a\nb\nc\n', 'a\nx\nc\n').map(({ kind, text }) => `${kind} ${text}`)).toEqual([
    'same a',
    'old b',
    'new x',
    'same c',
  ]);
});
