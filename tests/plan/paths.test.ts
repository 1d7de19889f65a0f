import { describe, expect, it } from 'vitest';
import { insideOf, isHubId, isPlaceholder, withIteration, withoutIteration } from '../../plan/paths.ts';

describe('both generations of paths', () => {
  it.each([
    ['/a/b/d.jsonl', '/a/b/iter_1/d.jsonl'],
    ['/a/b', '/a/b/iter_1'],
    ['/a/.hidden', '/a/.hidden/iter_1'],
  ])('%s is %s in the newer one', (path, newer) => {
    expect(withIteration(path, 1)).toBe(newer);
    expect(withoutIteration(newer)).toBe(path);
    expect(withoutIteration(path)).toBe(path);
  });
  it.each([
    ['/a/models/checkpoint-1', '/a/models', 'checkpoint-1'],
    ['/a/pools/iter_2/text_len/d.jsonl', '/a/pools', 'text_len/d.jsonl'],
    ['/a/pools/text_len/d.jsonl', '/a/pools/iter_3', 'text_len/d.jsonl'],
    ['/a/pools/iter_1', '/a/pools', null],
    ['/a/pools', '/a/pools', null],
    ['/a/poolside/d', '/a/pools', null],
    ['/a', '/a/pools', null],
  ])('%s inside %s is %s', (path, folder, within) => {
    expect(insideOf(path, folder)).toBe(within);
  });
});

it.each<[unknown, boolean]>([
  ['<auto_replaced_with_previous_output>', true],
  ['<placeholder>', true],
  ['<home>/data', false],
  ['<__dj__video>', false],
  ['<|__dj__eoc|>', false],
  [3, false],
])('%s as placeholder: %s', (value, is) => {
  expect(isPlaceholder(value)).toBe(is);
});

it.each([
  ['PixArt-alpha/PixArt-XL-2-512x512', true],
  ['./models/base', false],
  ['../base', false],
  ['a/b/c', false],
  ['/a/b', false],
])('%s as name on a hub: %s', (value, is) => {
  expect(isHubId(value)).toBe(is);
});
