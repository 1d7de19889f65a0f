import { expect, test } from 'vitest';
import type { Op } from '../../plan/op-catalogue.ts';
import { limitsOf, outsideOf } from '../../report/collect/op-limits.ts';

const op = (...stats: string[]): Op => ({ args: {}, stats });

test('an argument bounds the only stat of its op, or the one that is named as it is', () => {
  expect(limitsOf(op('text_len'), { min_len: 10, max_len: 20 })).toMatchObject([
    { stat: 'text_len', side: -1, value: 10 },
    { stat: 'text_len', side: 1, value: 20 },
  ]);
  expect(limitsOf(op('video_width', 'video_height'), { min_height: 61, sampling_fps: 4 })).toMatchObject([
    { stat: 'video_height' },
  ]);
  expect(limitsOf(op('a', 'b'), { min_score: 1 })).toEqual([]);
});

test('fractions are numbers; other texts bound nothing', () => {
  expect(limitsOf(op('ratio'), { min_ratio: '9/21', max_ratio: '2.5' }).map(({ value }) => value)).toEqual([
    9 / 21,
    2.5,
  ]);
  expect(limitsOf(op('size'), { min_size: '4KB' })).toEqual([]);
});

test('of a sample with several values one inside is enough, unless all must be', () => {
  const [any] = limitsOf(op('duration'), { min_duration: 2 });
  expect([outsideOf(any!, [1, 3]), outsideOf(any!, [1, 1]), outsideOf(any!, []), outsideOf(any!, 1)]).toEqual([
    false,
    true,
    false,
    true,
  ]);
  const [all] = limitsOf(op('duration'), { min_duration: 2, any_or_all: 'all' });
  expect(outsideOf(all!, [1, 3])).toBe(true);
});
