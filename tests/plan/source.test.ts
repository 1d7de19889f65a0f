import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../../plan/diagnostic.ts';
import { inlineSource } from '../../plan/inline-source.ts';
import { parseSource } from '../../plan/source.ts';
import { MAX_BYTES } from '../../plan/source-limits.ts';

const said = (text: string, file = 'f.yaml') => parseSource(file, text).diagnostics.map(formatDiagnostic);

describe('hostile YAML is refused with a sentence and never a crash', () => {
  const lines = (count: number, line: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => line(i)).join('\n');
  const bomb = [
    'a: &a [x, x, x, x, x, x, x, x, x, x]',
    ...[...'bcdefghij'].map((name, i) => `${name}: &${name} [${Array(10).fill(`*${'abcdefghij'[i]}`).join(', ')}]`),
  ].join('\n');
  it.each([
    [
      '10,000 square brackets',
      `a: ${'['.repeat(10_000)}`,
      'f.yaml:1:103: this is nested more than 100 levels deep; no config needs that',
    ],
    [
      '10,000 braces',
      `a: ${'{a: '.repeat(10_000)}`,
      'f.yaml:1:397: this is nested more than 100 levels deep; no config needs that',
    ],
    [
      '10,000 dashes',
      `${'- '.repeat(10_000)}a`,
      'f.yaml:1:200: this is nested more than 100 levels deep; no config needs that',
    ],
    [
      '10,000 question marks',
      `${'? '.repeat(10_000)}a`,
      'f.yaml:1:200: this is nested more than 100 levels deep; no config needs that',
    ],
    [
      'deep indents',
      lines(400, i => `${' '.repeat(i)}a:`),
      'f.yaml:100:101: this is nested more than 100 levels deep; no config needs that',
    ],
    [
      'a huge text',
      `a: ${'x'.repeat(MAX_BYTES)}`,
      'f.yaml:1:1: this is larger than 256 KiB, so it is no config; name a data file by its path instead',
    ],
    [
      'an alias bomb',
      bomb,
      'f.yaml:1:1 e[7]: this holds more than 100000 values when aliases are followed; no config needs that',
    ],
    ['an alias of itself', 'a: &a [*a]', 'f.yaml:1:8 a[0]: alias *a contains itself; write the value out'],
    ['an alias of nothing', 'a: *b', 'f.yaml:1:4 a: alias *b has no anchor &b before it; define it above'],
    ['__proto__', 'a:\n  __proto__: {x: 1}', 'f.yaml:2:3 a: "__proto__" cannot be a key; name it otherwise'],
    ['constructor', 'constructor: 1', 'f.yaml:1:1: "constructor" cannot be a key; name it otherwise'],
    ['prototype', '"prototype": 1', 'f.yaml:1:1: "prototype" cannot be a key; name it otherwise'],
    ['duplicate keys', 'a: 1\nb: 2\na: 3', 'f.yaml:3:1 a: this key is given twice; keep one'],
    [
      'several documents',
      'a: 1\n---\nb: 2',
      'f.yaml:2:1: a second document starts here; a config is one document, so put it in a file of its own',
    ],
    ['a custom tag', 'a: !shell rm', 'f.yaml:1:11 a: tag !shell is not understood; write the value plainly'],
    [
      'a Python tag',
      'a: !!python/object/apply:os.system [id]',
      'f.yaml:1:36 a: tag !!python/object/apply:os.system is not understood; write the value plainly',
    ],
    ['binary', 'a: !!binary aGk=', 'f.yaml:1:13 a: tag !!binary is not understood; write the value plainly'],
    ['a list', '- 1', 'f.yaml:1:1: this is a list; a config is a map of keys'],
    ['a word', 'hello', 'f.yaml:1:1: this is a single value; a config is a map of keys'],
    ['nothing', '# only a comment\n', 'f.yaml:1:1: this is empty; a config is a map of keys'],
    ['a tab', 'a:\n\tb: 1', 'f.yaml:2:1: a tab indents this line; YAML wants spaces'],
    ['a number as key', '1: a', 'f.yaml:1:1: a key is a word; put 1 in quotes'],
    ['a flag as key', 'a:\n  yes: b', 'f.yaml:2:3 a: a key is a word; put true in quotes'],
    ['a map as key', '? {a: 1}\n: 1', 'f.yaml:1:3: a key is a word; this is a map, a list or an alias'],
    [
      'NaN',
      'a: [1, .nan]',
      'f.yaml:1:8 a[1]: .nan is no number that JSON can hold; leave the key out, or write a finite number',
    ],
    [
      'infinity',
      'a: -.inf',
      'f.yaml:1:4 a: -.inf is no number that JSON can hold; leave the key out, or write a finite number',
    ],
    ['1e999', 'a: 1e999', 'f.yaml:1:4 a: 1e999 is too large for a number; quote it if it is a name'],
    [
      '2^64',
      'a: 18446744073709551616',
      'f.yaml:1:4 a: 18446744073709551616 is beyond 2^53, where whole numbers lose digits; quote it if it is a name',
    ],
    [
      'an open quote',
      'a: "x\nb: 3',
      'f.yaml:2:5: something is not closed or a comma or colon is missing; close the quote or bracket',
    ],
    [
      'a second colon',
      'a: b: c',
      'f.yaml:1:4: there is a second ": " on one line, or the line after is indented too far; quote the value, or line up the keys',
    ],
    ['a merge of no map', 'a:\n  <<: 3', 'f.yaml:2:7 a: << merges maps; give it an alias of a map, or a list of them'],
    ['a tag that lies', 'a: !!int x', 'f.yaml:1:10 a: "x" is no int; leave the tag out'],
  ])('%s', (_, text, expected) => {
    expect(said(text)).toEqual([expected]);
    expect(parseSource('f.yaml', text).value).toBeNull();
  });

  it('takes no quadratic time over many keys, nor over many anchors', () => {
    const started = process.cpuUsage();
    said(lines(20_000, i => `k${i}: 1`));
    said(`a: [${'*a,'.repeat(80_000)}]`);
    expect(process.cpuUsage(started).user).toBeLessThan(10_000_000);
  });

  it('tells the first hundred problems of a text that has nothing else', () => {
    expect(said(`a: [${'*b, '.repeat(5000)}]`)).toHaveLength(100);
  });

  it('leaves prototypes as they were', () => {
    parseSource('f.yaml', '__proto__: {polluted: 1}');
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });
});

describe('values mean what people who write for PyYAML expect', () => {
  it.each([
    ['2e-05', 0.00002],
    ['1.5e3', 1500],
    ['.5', 0.5],
    ['1.', 1],
    ['+4', 4],
    ['1_000', 1000],
    ['010', 8],
    ['0x1F', 31],
    ['0b11', 3],
    ['09', '09'],
    ['yes', true],
    ['No', false],
    ['on', true],
    ['y', 'y'],
    ['"yes"', 'yes'],
    ['~', null],
    ['', null],
    ['16:9', '16:9'],
    ['2024-01-01', '2024-01-01'],
    ['1.2.3', '1.2.3'],
    ['!!str 5', '5'],
    ['!!float 5', 5],
    ["'<placeholder>'", '<placeholder>'],
    ['-1.refined', '-1.refined'],
  ])('%s', (text, value) => {
    expect(parseSource('f.yaml', `a: ${text}`).value).toEqual({ a: value });
  });

  it('merges maps, the keys written out winning', () => {
    expect(parseSource('f.yaml', 'a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  y: 3').value).toEqual({
      a: { x: 1, y: 2 },
      b: { x: 1, y: 3 },
    });
  });
});

describe('JSON', () => {
  it('is read, tabs and all', () => {
    expect(parseSource('f.json', '{\n\t"a": {"b": [1e-5, true, null]}\n}').value).toEqual({
      a: { b: [0.00001, true, null] },
    });
  });
  it('refuses what Python writes and JSON does not know', () => {
    expect(said('{"a": NaN}', 'f.json')).toEqual(['f.json:1:7 a: NaN is not JSON; put it in double quotes']);
  });
});

describe('places', () => {
  const source = parseSource('f.yaml', 'a:\n  - b: 1\n    c:\n  - d: [1, 2]\n');
  it.each([
    [['a', 0, 'b'], 'value', { line: 2, col: 8 }],
    [['a', 0, 'b'], 'key', { line: 2, col: 5 }],
    [['a', 0, 'c'], 'value', { line: 3, col: 5 }],
    [['a', 1, 'd', 1], 'value', { line: 4, col: 12 }],
    [['a', 1, 'missing'], 'value', { line: 4, col: 5 }],
  ] as const)('%j %s', (path, what, place) => {
    expect(source.at(path, what)).toEqual(place);
  });
});

describe('a config handed over as data', () => {
  it.each([
    [JSON.parse('{"a": {"__proto__": 1}}'), 'config a.__proto__: "__proto__" cannot be a key; name it otherwise'],
    [{ a: [Number.NaN] }, 'config a[0]: this is no number that JSON can hold'],
    [
      JSON.parse(`${'{"a":'.repeat(500)}1${'}'.repeat(500)}`),
      'config: this is nested more than 100 levels deep; no config needs that',
    ],
  ])('is refused alike (%#)', (value, expected) => {
    expect(inlineSource('config', value).diagnostics.map(formatDiagnostic)).toEqual([expected]);
  });
});
