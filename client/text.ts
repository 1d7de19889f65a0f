// Widths in terminal columns, so that no line ever wraps.
import stringWidth from 'string-width';

const GRAPHEMES = new Intl.Segmenter();

/** Text without control characters: names and logs come from users' files and must not move the cursor. */
export function clean(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed.
  return text.replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '').replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
}

/** Columns that `text` takes. */
export function columns(text: string): number {
  return stringWidth(text);
}

/** `text` cleaned and cut to at most `width` columns, with `…` where something was cut. */
export function clip(text: string, width: number): string {
  const whole = clean(text);
  if (columns(whole) <= width) return whole;
  let cut = '';
  let used = 0;
  for (const { segment } of GRAPHEMES.segment(whole)) {
    const next = columns(segment);
    if (used + next > width - 1) break;
    cut += segment;
    used += next;
  }
  return width > 0 ? `${cut}…` : '';
}

/** `text` cut or padded to exactly `width` columns. */
export function column(text: string, width: number): string {
  const cut = clip(text, width);
  return cut + ' '.repeat(Math.max(0, width - columns(cut)));
}

/** `text` broken at spaces into lines of at most `width` columns. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of clean(text).split(/ +/)) {
    if (line !== '' && columns(line) + 1 + columns(word) > width) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? clip(word, width) : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}
