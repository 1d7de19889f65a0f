// Numbers of a page against the files that they say they come from.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface TracedFigure {
  /** The element's `data-from`. */
  from: string;
  /** Its `value`. */
  value: string;
}

/** The figures of a page's text. */
export function figuresOf(page: string): TracedFigure[] {
  return [...page.matchAll(/<data class="figure" value="([^"]*)" data-from="([^"]*)"/g)].map(([, value, from]) => ({
    value: unescaped(value!),
    from: unescaped(from!),
  }));
}

/** Figures that are not in their files as they are on the page, in sentences. */
export function untraced(workDir: string, figures: readonly TracedFigure[]): string[] {
  const files = new Map<string, unknown>();
  return figures.flatMap(({ from, value }) => {
    const at = from.lastIndexOf('#');
    const file = decodeURIComponent(from.slice(0, at));
    if (!files.has(file)) files.set(file, contentOf(join(workDir, file)));
    const found = atPointer(files.get(file), from.slice(at + 1));
    return String(found) === value ? [] : [`${from} is ${JSON.stringify(found)}, not ${value}`];
  });
}

function contentOf(path: string): unknown {
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, 'utf8');
  if (!path.endsWith('.jsonl')) return JSON.parse(text);
  return text.split('\n').map(parsed);
}

/** A line that is torn has nothing. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function atPointer(value: unknown, pointer: string): unknown {
  const keys = pointer.split('/').slice(1);
  return keys.reduce<unknown>(
    (holder, key) => (holder as Record<string, unknown> | undefined)?.[key.replaceAll('~1', '/').replaceAll('~0', '~')],
    value,
  );
}

function unescaped(text: string): string {
  const letters: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };
  return text.replace(/&(amp|lt|gt|quot|#39);/g, entity => letters[entity]!);
}
