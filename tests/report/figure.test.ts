import { expect, test } from 'vitest';
import { computed, figure, numberText, origin, originText } from '../../report/figure.ts';

test('a figure names the file and the place in it, also where keys have slashes, tildes and hashes', () => {
  expect(originText(origin('jobs/ab/manifest.json', 'metrics', 'a/b~c'))).toBe(
    'jobs/ab/manifest.json#/metrics/a~1b~0c',
  );
  expect(originText(origin('jobs/a#1 b/m.jsonl', 3, 'loss'))).toBe('jobs/a%231%20b/m.jsonl#/3/loss');
  expect(String(figure(0.123456, origin('m.json', 'x')))).toBe(
    '<data class="figure" value="0.123456" data-from="m.json#/x">0.1235</data>',
  );
});

test('NaN and the infinities are shown as what they are, and what is not there as a dash', () => {
  expect(String(figure(Number.NaN, origin('m.json', 'x')))).toContain('value="NaN" data-from="m.json#/x">NaN<');
  expect(numberText(Number.NEGATIVE_INFINITY, 'percent')).toBe('-Infinity');
  expect(String(figure(null, origin('m.json', 'x')))).not.toContain('data-from');
  expect(String(figure(undefined, origin('m.json', 'x')))).toContain('–');
});

test('formats: shares, seconds, counts, bytes', () => {
  expect(numberText(0.0834, 'percent')).toBe('8.34 %');
  expect(numberText(3723, 'duration')).toBe('1:02:03');
  expect(numberText(1_234_567, 'count')).toBe('1,234,567');
  expect(numberText(4_210_000, 'bytes')).toBe('4.21 MB');
  expect(numberText(912, 'bytes')).toBe('912 B');
});

test('a computed number names what it is of, of very many the first', () => {
  const of = Array.from({ length: 10 }, (_, i) => origin('m.jsonl', i, 'loss'));
  expect(String(computed(1, of.slice(0, 2), { how: 'mean' }))).toContain(
    'data-of="m.jsonl#/0/loss m.jsonl#/1/loss" title="mean"',
  );
  expect(String(computed(1, of))).toContain('m.jsonl#/7/loss and 2 more"');
});
