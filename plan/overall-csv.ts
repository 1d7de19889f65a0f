/** Data-Juicer's `analysis/overall.csv`: rows (`count`, `mean`, `std`, `min`, percentiles, `max`, …) by stats key. */
export interface OverallStats {
  /** Stats keys, in the file's order. */
  keys: string[];
  rows: string[];
  /** The number at a row and key; NaN where there is none (an empty cell, a text). */
  at(row: string, key: string): number;
}

/** Reads overall.csv. Throws an Error that says what is wrong with a text that is none. */
export function parseOverallCsv(text: string): OverallStats {
  const [header, ...lines] = csvRows(text).filter(cells => cells.length > 1 || cells[0] !== '');
  if (!header || header.length < 2)
    throw new Error('expected a header line ",<stats key>,…" as in Data-Juicer\'s overall.csv');
  const keys = header.slice(1);
  const byRow = new Map(lines.map(([name = '', ...cells]) => [name, cells]));
  for (const needed of ['mean', 'std']) {
    if (!byRow.has(needed))
      throw new Error(`row "${needed}" is missing; rows there are: ${[...byRow.keys()].join(', ') || 'none'}`);
  }
  return {
    keys,
    rows: [...byRow.keys()],
    at: (row, key) => {
      const i = keys.indexOf(key);
      const cell = i < 0 ? undefined : byRow.get(row)?.[i];
      return cell === undefined || cell.trim() === '' ? Number.NaN : Number(cell);
    },
  };
}

/** Cells of a CSV text, where a quoted cell may hold commas, doubled quotes and line ends. */
function csvRows(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = '';
  let quoted = false;
  const plain = text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n');
  for (let i = 0; i < plain.length; i++) {
    const char = plain[i]!;
    if (quoted) {
      if (char !== '"') cell += char;
      else if (plain[i + 1] === '"') cell += plain[++i];
      else quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === ',' || char === '\n') {
      rows.at(-1)!.push(cell);
      cell = '';
      if (char === '\n') rows.push([]);
    } else cell += char;
  }
  rows.at(-1)!.push(cell);
  return rows;
}
