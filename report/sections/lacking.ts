import { html, named } from '../html.ts';
import { remark, type Section } from '../section.ts';

const MOST = 60;

/** What could not be read, in its place; null: all of it could. */
export function lackingSection(lacking: readonly string[]): Section | null {
  if (lacking.length === 0) return null;
  const content = html`${remark('Some of what this page would show could not be read. The rest is complete.', 'problem')}
<ul>${lacking.slice(0, MOST).map(each => html`<li>${named(each, 300)}</li>`)}</ul>
${lacking.length > MOST && remark(`${lacking.length - MOST} more of the kind.`)}`;
  return { id: 'lacking', title: 'What is missing', html: content, charts: [] };
}
