import type { Document, Node } from 'yaml';
import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { ConfigPath } from './diagnostic.ts';
import { FORBIDDEN_KEYS, isObject } from './dotted.ts';
import { plainScalar } from './plain-scalar.ts';
import type { Json, JsonObject } from './plan.ts';
import { MAX_VALUES } from './source-limits.ts';

const YAML_TAG = 'tag:yaml.org,2002:';
const PLAIN_TAGS = new Set(['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map(name => YAML_TAG + name));

/** Where a key and its value stand. */
export interface Offsets {
  key: number;
  value: number;
  /** The value is a number written with a point or an exponent. */
  real?: boolean;
}

/** Offsets of keys and values, by the map or list that holds them. */
export type Places = WeakMap<object, Map<string | number, Offsets>>;

/** Tells a problem at an offset of the text. */
export type Complain = (offset: number, message: string, path?: ConfigPath) => void;

/** Turns YAML nodes into JSON, noting where everything stands. */
export class Converter {
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

  /** The document as a map; null where it is none, which is told. */
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
      places.set(i, { key: startOf(node), value: startOf(node), real: isReal(node) });
      list.push(this.#convert(node, [...path, i]));
    }
    return list;
  }

  #map(pairs: readonly { key: unknown; value: unknown }[], path: ConfigPath): JsonObject {
    const places = new Map<string | number, Offsets>();
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
      const value = isNothing(valueNode) ? offset : startOf(valueNode);
      places.set(key, { key: offset, value, real: isReal(valueNode) });
      map[key] = this.#convert(valueNode, inner);
    }
    for (const { value, offset } of merged) this.#merge(map, places, value, offset, path);
    return map;
  }

  #merge(map: JsonObject, places: Map<string | number, Offsets>, from: Json, offset: number, path: ConfigPath) {
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

/** `1.0` and `1e3` are whole numbers in JSON, and not to who wrote them. */
function isReal(node: Node | null): boolean {
  return isScalar(node) && node.type === 'PLAIN' && /^[^x]*[.eE]/.test(String(node.source ?? ''));
}

function startOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}
