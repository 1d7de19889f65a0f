import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Drawn, thin } from '../../report/collect/thin.ts';

const curves = fc
  .array(fc.option(fc.double({ noNaN: true }), { freq: 8 }), { maxLength: 400 })
  .map(values => values.map((value, i): Drawn => [i, value, `line ${i}`]));

test('a thinned curve has no more points than asked for, none of them moved, and its first, last, lowest and highest', () => {
  fc.assert(
    fc.property(curves, fc.integer({ min: 8, max: 120 }), (points, most) => {
      const kept = thin(points, most);
      expect(kept.length).toBeLessThanOrEqual(Math.max(most, 0));
      const places = kept.map(point => points.indexOf(point));
      expect(places).toEqual([...places].sort((a, b) => a - b));
      expect(places).not.toContain(-1);
      if (points.length === 0) return;
      expect(kept[0]).toBe(points[0]);
      expect(kept.at(-1)).toBe(points.at(-1));
      const values = (list: readonly Drawn[]) => list.flatMap(([, value]) => (value === null ? [] : [value]));
      if (values(points).length === 0) return;
      expect(Math.min(...values(kept))).toBe(Math.min(...values(points)));
      expect(Math.max(...values(kept))).toBe(Math.max(...values(points)));
    }),
  );
});

test('a break in a curve stays one, however few points are left', () => {
  const points = Array.from({ length: 1_000 }, (_, i): Drawn => [i, i === 500 ? null : 1]);
  expect(thin(points, 24).filter(([, value]) => value === null)).toEqual([[500, null]]);
});
