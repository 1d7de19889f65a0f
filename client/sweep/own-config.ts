// The config that runs one point of a sweep by itself.
import { parseDocument, stringify } from 'yaml';
import { canonical } from '../../plan/canonical.ts';
import { isObject } from '../../plan/dotted.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import { parseSource } from '../../plan/source.ts';

/** A config as data: without its sweep, and with `set` over what it sets itself. */
export function ownConfig(config: JsonObject, set: Readonly<Record<string, Json>>): JsonObject {
  const { hpo_config: _, set: own, ...rest } = config;
  const { hpo_config: __, ...values } = { ...(isObject(own) ? own : {}), ...set };
  return { ...rest, set: values };
}

/** The same as text: the user's own, comments and all, but for those two keys. `head`: comment lines that come first. */
export function ownConfigText(text: string, file: string, set: Readonly<Record<string, Json>>, head: string[]): string {
  const { value } = parseSource(file, text);
  if (!value) throw new Error(`${file} cannot be read any more`);
  const wanted = ownConfig(value, set);
  const comments = head.map(line => `# ${line}\n`).join('');
  const kept = withoutKeys(text, ['hpo_config', 'set']);
  const made = kept === null ? null : `${comments}${kept}${yamlOf({ set: wanted.set! })}`;
  if (made !== null && isSame(made, wanted)) return made;
  return comments + yamlOf(wanted);
}

/** A block of YAML without some of its top-level keys; null where it is no such block. */
function withoutKeys(text: string, keys: readonly string[]): string | null {
  const document = parseDocument(text, { version: '1.1', schema: 'failsafe', uniqueKeys: false, logLevel: 'silent' });
  const { contents } = document;
  if (document.errors.length > 0 || contents === null || !('items' in contents) || contents.flow === true) return null;
  let kept = text;
  for (const { key, value } of [...(contents.items as { key: Ranged; value: Ranged }[])].reverse()) {
    if (!keys.includes(String(key?.value))) continue;
    const start = key?.range?.[0];
    const end = value?.range?.[2] ?? key?.range?.[2];
    if (start === undefined || end === undefined) return null;
    kept = kept.slice(0, start) + kept.slice(lineEnd(kept, end));
  }
  return kept.endsWith('\n') || kept === '' ? kept : `${kept}\n`;
}

type Ranged = { value?: unknown; range?: [number, number, number] | null } | null;

/** Of a value without text (`set:` and nothing) the line break is not part. */
function lineEnd(text: string, at: number): number {
  if (at > 0 && text[at - 1] === '\n') return at;
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end + 1;
}

function isSame(text: string, wanted: JsonObject): boolean {
  const { value } = parseSource('config', text);
  return value !== null && canonical(value) === canonical(wanted);
}

/** Quoted as YAML 1.1 needs it, which is what Data-Juicer's own commands read. */
export function yamlOf(value: JsonObject): string {
  return stringify(value, { version: '1.1', aliasDuplicateObjects: false, lineWidth: 0 });
}
