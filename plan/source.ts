import type { Document } from 'yaml';
import { Composer, Lexer, LineCounter, Parser } from 'yaml';
import { type ConfigPath, type Diagnostic, formatPath } from './diagnostic.ts';
import type { Json, JsonObject } from './plan.ts';
import { MAX_BYTES, MAX_DEPTH, MAX_PROBLEMS } from './source-limits.ts';
import { syntaxMessage } from './yaml-syntax.ts';
import { type Complain, Converter, type Places } from './yaml-values.ts';

/** A config text, read. */
export interface Source {
  file: string;
  /** Null where the text could not be read; then `diagnostics` say why. */
  value: JsonObject | null;
  /** Where the value (or its key) at a path stands; of a path that is not there, where the nearest thing around it stands. */
  at(path: ConfigPath, what?: 'value' | 'key'): { line: number; col: number };
  /** Whether the value at a path is a number written with a point or an exponent, such as `1.0`; always false for what is in no text. */
  isReal(path: ConfigPath): boolean;
  diagnostics: Diagnostic[];
}

/** Reads YAML or JSON that may be hostile; never throws. */
export function parseSource(file: string, text: string): Source {
  const lines = new LineCounter();
  const places: Places = new WeakMap();
  const diagnostics: Diagnostic[] = [];
  const complain: Complain = (offset, message, path = []) => {
    if (diagnostics.length === MAX_PROBLEMS) return;
    const { line, col } = lines.linePos(offset);
    diagnostics.push({ file, line, col, path: formatPath(path), message, severity: 'error' });
  };
  const read = readDocument(text, lines, complain);
  const value = read && new Converter(places, complain, file.endsWith('.json')).root(read);
  const start = read?.contents?.range?.[0] ?? 0;
  return {
    file,
    value: diagnostics.length > 0 ? null : value,
    at: (path, what = 'value') => lines.linePos(offsetAt(places, value, start, path, what)),
    isReal: path => {
      const holder = path.length > 0 && value !== null ? getIn(value, path.slice(0, -1)) : null;
      return typeof holder === 'object' && holder !== null && places.get(holder)?.get(path.at(-1)!)?.real === true;
    },
    diagnostics,
  };
}

function readDocument(text: string, lines: LineCounter, complain: Complain): Document | null {
  lines.addNewLine(0);
  if (text.length > MAX_BYTES || Buffer.byteLength(text) > MAX_BYTES) {
    complain(
      0,
      `this is larger than ${MAX_BYTES / 1024} KiB, so it is no config; name a data file by its path instead`,
    );
    return null;
  }
  const tokens = [];
  const parser = new Parser(offset => void (offset > 0 && lines.addNewLine(offset)));
  try {
    for (const lexeme of new Lexer().lex(text)) {
      for (const token of parser.next(lexeme)) tokens.push(token);
      if (parser.stack.length > MAX_DEPTH) {
        complain(parser.offset, `this is nested more than ${MAX_DEPTH} levels deep; no config needs that`);
        return null;
      }
    }
    for (const token of parser.end()) tokens.push(token);
  } catch (error) {
    complain(0, `this is not YAML (${error instanceof Error ? error.message : error})`);
    return null;
  }
  return compose(text, tokens, complain);
}

function compose(text: string, tokens: Parameters<Composer['compose']>[0], complain: Complain): Document | null {
  // Scalars and duplicate keys are judged by Converter: the library's own check of keys takes quadratic time.
  const composer = new Composer({ version: '1.1', schema: 'failsafe', uniqueKeys: false, logLevel: 'silent' });
  const [document, second] = composer.compose(tokens, true, text.length);
  if (document === undefined) return null;
  const broken = document.errors.find(error => error.code !== 'TAG_RESOLVE_FAILED');
  if (broken) {
    complain(broken.pos[0], syntaxMessage(broken.code, broken.message));
    return null;
  }
  if (second) {
    complain(
      second.range[0],
      'a second document starts here; a config is one document, so put it in a file of its own',
    );
    return null;
  }
  return document;
}

function getIn(root: Json, path: ConfigPath): Json {
  let value = root;
  for (const part of path)
    value = typeof value === 'object' && value !== null ? ((value as JsonObject)[part] ?? null) : null;
  return value;
}

function offsetAt(places: Places, root: Json, start: number, path: ConfigPath, what: 'value' | 'key'): number {
  let offset = start;
  let value = root;
  for (const [i, part] of path.entries()) {
    if (typeof value !== 'object' || value === null) break;
    const place = places.get(value)?.get(part);
    if (!place) break;
    offset = what === 'key' && i === path.length - 1 ? place.key : place.value;
    value = (value as JsonObject)[part] ?? null;
  }
  return offset;
}
