import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HarmlessLines, harmless } from '../../../client/logs/harmless-lines.ts';

/** Everything that is no text: C0, DEL and C1, and marks that turn the direction of text around. */
const HARM = /(?!\t)\p{Cc}|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

describe('a line', () => {
  test.each([
    ['\u001b[2J\u001b[1;1Hgone', 'gone'],
    ['\u001b]0;title\u0007text', 'text'],
    ['\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\', 'link'],
    ['\u009b31mred', '31mred'],
    ['a\u0000b\u0007c\u0008d', 'abcd'],
    ['user\u202egnp.exe', 'usergnp.exe'],
    ['0%|  | 0/8\r50%|█ | 4/8\r100%|██| 8/8\r', '100%|██| 8/8'],
    ['a\ttab, 中文 and 🎬', 'a\ttab, 中文 and 🎬'],
  ])('%j is shown as %j', (line, shown) => {
    expect(harmless(line)).toBe(shown);
  });

  test('of any characters does nothing to a terminal but to be shown', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        expect(harmless(text)).not.toMatch(HARM);
      }),
    );
  });
});

describe('lines of a log that comes in pieces', () => {
  test('are the same wherever it is cut, also within a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.nat(40)), (text, cuts) => {
        const bytes = Buffer.from(`${text}\n中\n`);
        const whole = new HarmlessLines().push(bytes);
        const pieces = new HarmlessLines();
        const lines: string[] = [];
        let at = 0;
        for (const cut of [...cuts, bytes.length]) {
          lines.push(...pieces.push(bytes.subarray(at, at + cut)));
          at += cut;
        }
        expect(lines).toEqual(whole);
      }),
    );
  });

  test('of a progress bar that never ends its line stay bounded, and its last state is seen', () => {
    const lines = new HarmlessLines();
    for (let i = 0; i < 20_000; i += 1) expect(lines.push(Buffer.from(`\r${i}% of a bar`))).toEqual([]);
    expect(lines.unfinished).toBe('19999% of a bar');
  });

  test('without any end are given out in pieces', () => {
    const lines = new HarmlessLines();
    const given = lines.push(Buffer.alloc(200_000, 'x'));
    expect(given.join('') + lines.unfinished).toHaveLength(200_000);
  });
});
