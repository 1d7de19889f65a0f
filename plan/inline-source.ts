import { type ConfigPath, type Diagnostic, formatPath } from './diagnostic.ts';
import { FORBIDDEN_KEYS } from './dotted.ts';
import type { JsonObject } from './plan.ts';
import type { Source } from './source.ts';
import { MAX_DEPTH, MAX_VALUES } from './source-limits.ts';

/** A config that was handed over as data; it stands in no text. */
export function inlineSource(file: string, value: JsonObject): Source {
  const diagnostics: Diagnostic[] = [];
  const bad = badData(value, [], { values: 0 });
  if (bad)
    diagnostics.push({ file, line: 0, col: 0, path: formatPath(bad.path), message: bad.message, severity: 'error' });
  return { file, value: bad ? null : value, at: () => ({ line: 0, col: 0 }), isReal: () => false, diagnostics };
}

function badData(
  value: unknown,
  path: ConfigPath,
  seen: { values: number },
): { path: ConfigPath; message: string } | null {
  if (path.length > MAX_DEPTH)
    return { path: [], message: `this is nested more than ${MAX_DEPTH} levels deep; no config needs that` };
  if (++seen.values > MAX_VALUES)
    return { path: [], message: `this holds more than ${MAX_VALUES} values; no config needs that` };
  if (typeof value === 'number' && !Number.isFinite(value))
    return { path, message: 'this is no number that JSON can hold' };
  if (typeof value !== 'object' || value === null) {
    return ['string', 'number', 'boolean'].includes(typeof value) || value === null
      ? null
      : { path, message: 'this is not JSON' };
  }
  for (const [key, each] of Object.entries(value)) {
    if (FORBIDDEN_KEYS.has(key))
      return { path: [...path, key], message: `"${key}" cannot be a key; name it otherwise` };
    const bad = badData(each, [...path, Array.isArray(value) ? Number(key) : key], seen);
    if (bad) return bad;
  }
  return null;
}
