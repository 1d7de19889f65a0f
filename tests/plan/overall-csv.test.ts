import { describe, expect, it } from 'vitest';
import { parseOverallCsv } from '../../plan/overall-csv.ts';

describe('overall.csv', () => {
  it('is read by row and stats key; texts and empty cells are no numbers', () => {
    const stats = parseOverallCsv(
      ',text_len,lang\r\ncount,500.0,500\r\nmean,1595.536,\r\nstd,4326.680572709351,\r\ntop,,"zh, ""simplified""\n"\r\n',
    );
    expect(stats.keys).toEqual(['text_len', 'lang']);
    expect(stats.rows).toEqual(['count', 'mean', 'std', 'top']);
    expect(stats.at('std', 'text_len')).toBe(4326.680572709351);
    expect(stats.at('mean', 'lang')).toBeNaN();
    expect(stats.at('top', 'lang')).toBeNaN();
    expect(stats.at('mean', 'nothing')).toBeNaN();
  });
  it.each([
    ['', 'expected a header line'],
    ['just words', 'expected a header line'],
    [',a\nmean,1\n', 'row "std" is missing; rows there are: mean'],
  ])('%j is none', (text, message) => {
    expect(() => parseOverallCsv(text)).toThrow(message);
  });
});
