import type { Document, Node } from 'yaml';
import { Composer, isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, Parser } from 'yaml';
import { type ConfigPath, type Diagnostic, formatPath } from './diagnostic.ts';
import { FORBIDDEN_KEYS, isObject } from './dotted.ts';
import { plainScalar } from './plain-scalar.ts';
import type { Json, JsonObject } from './plan.ts';
import { syntaxMessage } from './yaml-syntax.ts';

/** Far above any config written by hand; a text this large is data given by mistake. */
export const MAX_BYTES = 256 * 1024;
/** Composing recurses: a few thousand levels would end the process, so that deeper texts are refused before they are composed. */
export const MAX_DEPTH = 100;
/** Values after aliases are followed. */
export const MAX_VALUES = 100_000;
/** Problems told of one text: whoever has more wants to see the first ones. */
const MAX_PROBLEMS = 100;

const YAML_TAG = 'tag:yaml.org,2002:';
const PLAIN_TAGS = new Set(['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map(name => YAML_TAG + name));

/** A config text, read. */
export interface Source {
  file: string;
  /** Null where the text could not be read; then `diagnostics` say why. */
  value: JsonObject | null;
  /** Where the value (or its key) at a path stands; of a path that is not there, where the nearest thing around it stands. */
  at(path: ConfigPath, what?: 'value' | 'key'): { line: number; col: number };
  diagnostics: Diagnostic[];
}

type Places = WeakMap<object, Map<string | number, { key: number; value: number }>>;

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
    diagnostics,
  };
}

/** A config that was handed over as data; it stands in no text. */
export function inlineSource(file: string, value: JsonObject): Source {
  const diagnostics: Diagnostic[] = [];
  const bad = badData(value, [], { values: 0 });
  if (bad)
    diagnostics.push({ file, line: 0, col: 0, path: formatPath(bad.path), message: bad.message, severity: 'error' });
  return { file, value: bad ? null : value, at: () => ({ line: 0, col: 0 }), diagnostics };
}

type Complain = (offset: number, message: string, path?: ConfigPath) => void;

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

/** Turns YAML nodes into JSON, noting where everything stands. */
class Converter {
  #anchors = new Map<string, { value: Json; size: number } | 'open'>();
  #values = 0;
  #tooMany = false;
  #places: Places;
  #complain: Complain;
  #json: boolean;

  constructor(places: Places, complain: Complain, json: boolean) {
    this.#places = places;
    this.#complain = complain;
    this.#json = json;
  }

  root(document: Document): JsonObject | null {
    const { contents } = document;
    if (contents === null || (isScalar(contents) && contents.source === '')) {
      this.#complain(0, 'this is empty; a config is a map of keys');
      return null;
    }
    const value = this.#convert(contents, []);
    if (isObject(value)) return value;
    const kind = Array.isArray(value) ? 'a list' : 'a single value';
    this.#complain(contents.range?.[0] ?? 0, `this is ${kind}; a config is a map of keys`);
    return null;
  }

  #convert(node: Node | null, path: ConfigPath): Json {
    if (this.#tooMany) return null;
    if (++this.#values > MAX_VALUES) {
      this.#tooMany = true;
      this.#complain(
        startOf(node),
        `this holds more than ${MAX_VALUES} values when aliases are followed; no config needs that`,
        path,
      );
      return null;
    }
    if (node === null) return null;
    if (isAlias(node)) return this.#alias(node.source, startOf(node), path);
    const { tag, anchor } = node as { tag?: string; anchor?: string };
    if (tag !== undefined && !PLAIN_TAGS.has(tag)) {
      const name = tag.startsWith(YAML_TAG) ? `!!${tag.slice(YAML_TAG.length)}` : tag;
      this.#complain(startOf(node), `tag ${name} is not understood; write the value plainly`, path);
      return null;
    }
    if (anchor !== undefined) this.#anchors.set(anchor, 'open');
    const before = this.#values;
    const value = isMap(node)
      ? this.#map(node.items, path)
      : isSeq(node)
        ? this.#list(node.items, path)
        : this.#scalar(node, path);
    if (anchor !== undefined) this.#anchors.set(anchor, { value, size: this.#values - before + 1 });
    return value;
  }

  #alias(name: string, offset: number, path: ConfigPath): Json {
    const target = this.#anchors.get(name);
    if (target === undefined)
      this.#complain(offset, `alias *${name} has no anchor &${name} before it; define it above`, path);
    else if (target === 'open') this.#complain(offset, `alias *${name} contains itself; write the value out`, path);
    else {
      this.#values += target.size;
      if (this.#values > MAX_VALUES) this.#convert(null, path);
      return target.value;
    }
    return null;
  }

  #list(items: readonly unknown[], path: ConfigPath): Json[] {
    const places = new Map();
    const list: Json[] = [];
    this.#places.set(list, places);
    for (const [i, item] of items.entries()) {
      const node = item as Node | null;
      places.set(i, { key: startOf(node), value: startOf(node) });
      list.push(this.#convert(node, [...path, i]));
    }
    return list;
  }

  #map(pairs: readonly { key: unknown; value: unknown }[], path: ConfigPath): JsonObject {
    const places = new Map<string | number, { key: number; value: number }>();
    const map: JsonObject = {};
    this.#places.set(map, places);
    const merged: { value: Json; offset: number }[] = [];
    for (const pair of pairs) {
      const keyNode = pair.key as Node;
      const key = this.#key(keyNode, path);
      if (key === null) continue;
      const valueNode = pair.value as Node | null;
      const offset = startOf(keyNode);
      if (key === '<<' && isScalar(keyNode) && keyNode.type === 'PLAIN') {
        merged.push({ value: this.#convert(valueNode, [...path, key]), offset: startOf(valueNode) });
        continue;
      }
      const inner = [...path, key];
      if (places.has(key)) {
        this.#complain(offset, 'this key is given twice; keep one', inner);
        continue;
      }
      places.set(key, { key: offset, value: isNothing(valueNode) ? offset : startOf(valueNode) });
      map[key] = this.#convert(valueNode, inner);
    }
    for (const { value, offset } of merged) this.#merge(map, places, value, offset, path);
    return map;
  }

  #merge(
    map: JsonObject,
    places: Map<string | number, { key: number; value: number }>,
    from: Json,
    offset: number,
    path: ConfigPath,
  ) {
    for (const each of Array.isArray(from) ? from : [from]) {
      if (!isObject(each)) {
        if (!this.#tooMany)
          this.#complain(offset, '<< merges maps; give it an alias of a map, or a list of them', path);
        return;
      }
      for (const [key, value] of Object.entries(each)) {
        if (Object.hasOwn(map, key)) continue;
        map[key] = value;
        const place = this.#places.get(each)?.get(key);
        if (place) places.set(key, place);
      }
    }
  }

  #key(node: Node | null, path: ConfigPath): string | null {
    const value = node === null || isScalar(node) ? this.#convert(node, path) : undefined;
    if (typeof value !== 'string') {
      if (value === undefined)
        this.#complain(startOf(node), 'a key is a word; this is a map, a list or an alias', path);
      else if (!this.#tooMany)
        this.#complain(startOf(node), `a key is a word; put ${JSON.stringify(value)} in quotes`, path);
      return null;
    }
    if (!FORBIDDEN_KEYS.has(value)) return value;
    this.#complain(startOf(node), `"${value}" cannot be a key; name it otherwise`, path);
    return null;
  }

  #scalar(node: Node, path: ConfigPath): Json {
    if (!isScalar(node)) return null;
    const source = String(node.source ?? node.value ?? '');
    const kind = node.tag?.slice(YAML_TAG.length);
    const plain = node.type === 'PLAIN' && kind !== 'str';
    if (!plain && (kind === undefined || kind === 'str')) return String(node.value ?? '');
    const read = plainScalar(source);
    if ('bad' in read) {
      this.#complain(startOf(node), read.bad, path);
      return null;
    }
    const { value } = read;
    if (kind !== undefined && !fitsTag(value, kind)) {
      this.#complain(startOf(node), `${JSON.stringify(source)} is no ${kind}; leave the tag out`, path);
    } else if (this.#json && typeof value === 'string') {
      this.#complain(startOf(node), `${source} is not JSON; put it in double quotes`, path);
    }
    return value;
  }
}

function fitsTag(value: Json, kind: string): boolean {
  if (kind === 'null') return value === null;
  if (kind === 'bool') return typeof value === 'boolean';
  return typeof value === 'number' && (kind === 'float' || Number.isInteger(value));
}

/** A key without a value: its place is that of the key. */
function isNothing(node: Node | null): boolean {
  return node === null || (isScalar(node) && node.source === '' && node.type === 'PLAIN');
}

function startOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
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
