import { html as template, raw as unescaped } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';

/** HTML that was escaped already: templates take it as it is, and escape everything else. */
export type Html = HtmlEscapedString;

/**
 * A template of HTML: `${…}` is escaped and made visible unless it is Html or a list of such; null, undefined and booleans are left out. Nothing
 * asynchronous.
 */
export function html(strings: TemplateStringsArray, ...values: unknown[]): Html {
  return template(strings, ...values.map(seen)) as Html;
}

function seen(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(seen);
  return typeof value === 'string' ? visible(value) : value;
}

/** Text that is HTML already. Never with anything in it that came from outside. */
export const raw = (text: string): Html => unescaped(text) as Html;

/** Several pieces one after another. */
export const joined = (pieces: readonly (Html | null)[]): Html => html`${pieces}`;

const MOST_SHOWN = 160;

/**
 * A name that someone else chose: kept apart from the direction of the text around it, shortened where it is very long (all of it is in
 * its `title`), with control characters made visible.
 */
export function named(name: string, most = MOST_SHOWN): Html {
  const shown = clipped(name, most);
  if (shown === name) return html`<bdi class="name">${name}</bdi>`;
  return html`<bdi class="name" title="${name}">${shown}</bdi>`;
}

/** Text of at most `most` characters, with `…` where something was cut. */
export function clipped(text: string, most = MOST_SHOWN): string {
  const letters = [...text];
  return letters.length <= most ? text : `${letters.slice(0, most).join('')}…`;
}

/** Text in which control characters and marks that turn the direction of writing are shown as `\u202e`. */
export function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, letter => {
    return `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
