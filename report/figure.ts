// Numbers as a report shows them: each says where it was read, so that a test finds every one of them in its file.
import { duration, figure as rounded } from '../plan/figures.ts';
import { type Html, html } from './html.ts';

/** Where a value was read. */
export interface Origin {
  /** Relative to the work_dir, with `/`. */
  file: string;
  /** JSON Pointer (RFC 6901) in it; files of JSON lines count as a list of their lines, from 0. */
  pointer: string;
}

/** The origin of what is in `file` at a path of keys and indexes. */
export function origin(file: string, ...path: readonly (string | number)[]): Origin {
  return { file, pointer: path.map(key => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('') };
}

/** An origin in one word: `jobs/<key>/manifest.json#/metrics/loss`. In the file's name `%`, `#` and spaces are percent-encoded. */
export function originText({ file, pointer }: Origin): string {
  return `${file.replace(/[%#\s]/g, encodeURIComponent)}#${pointer}`;
}

const FORMATS = {
  /** Four significant digits. */
  figure: rounded,
  /** `1:02` of seconds. */
  duration,
  /** `12.3 %` of a share. */
  percent: (value: number) => `${rounded(Number((value * 100).toPrecision(3)))} %`,
  /** `1,234`. */
  count: (value: number) => (Number.isInteger(value) ? value.toLocaleString('en-US') : rounded(value)),
  /** `3.4 MB` of bytes. */
  bytes: (value: number) => bytesText(value),
  /** All digits. */
  exact: (value: number) => String(value),
} as const;

export type Format = keyof typeof FORMATS;

/** A number as text; `NaN`, `Infinity` and `-Infinity` are called so. */
export function numberText(value: number, format: Format = 'figure'): string {
  return Number.isFinite(value) ? FORMATS[format](value) : String(value);
}

export interface FigureOptions {
  format?: Format;
  /** Behind the number. */
  unit?: string;
}

/** A number that a file has; nothing where it has none. */
export function figure(value: number | null | undefined, from: Origin, { format, unit }: FigureOptions = {}): Html {
  if (value === null || value === undefined) return none();
  return html`<data class="figure" value="${String(value)}" data-from="${originText(from)}">${numberText(value, format)}${unit && `\u00a0${unit}`}</data>`;
}

/** A number that was computed from what files have: says from what, and how in the words of `how`. */
export function computed(
  value: number | null | undefined,
  of: readonly Origin[],
  { format, unit, how }: FigureOptions & { how?: string } = {},
): Html {
  if (value === null || value === undefined) return none();
  // Of sums over very many only the first are named: the page is to stay small.
  const named = of.slice(0, 8).map(originText).join(' ');
  const more = of.length > 8 ? ` and ${of.length - 8} more` : '';
  return html`<data class="figure" value="${String(value)}" data-of="${named}${more}" title="${how}">${numberText(value, format)}${unit && `\u00a0${unit}`}</data>`;
}

/** Where there is no number. */
export function none(why = 'not there'): Html {
  return html`<span class="none"><span aria-hidden="true">–</span><span class="unseen">${why}</span></span>`;
}

function bytesText(bytes: number): string {
  let value = bytes;
  for (const unit of ['B', 'kB', 'MB', 'GB']) {
    if (value < 999.5) return `${unit === 'B' ? value : Number(value.toPrecision(3))} ${unit}`;
    value /= 1000;
  }
  return `${Number(value.toPrecision(3))} TB`;
}
