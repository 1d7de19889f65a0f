// Text of the user's in the Web UI's Markdown.
import { clip } from '../plan/clip.ts';

const TEXT_CHARS = 1_000;
/** Of a log: the last lines say most. */
const LOG_LINES = 8;
const LOG_CHARS = 200;

/** User text in a Markdown table must neither end a cell nor become markup. */
export function plainMarkdown(text: string): string {
  return clip(text.replace(/\s+/g, ' '), TEXT_CHARS).replace(/[\\|`*_~<>&[\]#]/g, '\\$&');
}

/** A row of a table. The Web UI leaves no room between columns: the spaces that do not break are it. */
export function tableRow(cells: readonly (string | number)[]): string {
  return `| ${cells.map(cell => `${cell}\u00a0\u00a0`).join(' | ')} |`;
}

/** Under a table's first row. */
export function tableRule(columns: number): string {
  return `|${' --- |'.repeat(columns)}`;
}

/** The last lines of a log as a code block, which they cannot end. */
export function logBlock(lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  return ['```text', ...lines.slice(-LOG_LINES).map(line => clip(harmless(line), LOG_CHARS)), '```', ''];
}

/** Without control characters, and without what would end the block. */
function harmless(line: string): string {
  return line.replace(/\p{Cc}+/gu, ' ').replaceAll('```', "'''");
}
