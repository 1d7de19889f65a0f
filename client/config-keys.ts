import type { JsonObject } from '../plan/plan.ts';

/** A key of a config as its JSON Schema has it, in words. */
export interface ConfigKey {
  /** Dotted where it is inside a map. */
  key: string;
  /** The map that it is in cannot be without it. */
  required: boolean;
  type: string;
  /** JSON of the value that it has where it is left out. */
  standard: string | null;
  about: string | null;
}

/** As much of JSON Schema as is told. */
interface KeySchema {
  properties?: Record<string, KeySchema>;
  required?: string[];
  description?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: KeySchema[];
  type?: string | string[];
  items?: KeySchema;
  default?: unknown;
}

/** Every key that a JSON Schema names, those of maps after the map's own. */
export function configKeys(schema: JsonObject | null): ConfigKey[] {
  return keysOf(schema as KeySchema | null, '');
}

function keysOf(schema: KeySchema | null, prefix: string): ConfigKey[] {
  const { properties = {}, required = [] } = schema ?? {};
  return Object.entries(properties).flatMap(([name, of]) => {
    const key = `${prefix}${name}`;
    return [
      {
        key,
        required: required.includes(name),
        type: typeOf(of),
        standard: of.default === undefined ? null : JSON.stringify(of.default),
        about: of.description ?? null,
      },
      ...keysOf(mapIn(of), `${key}.`),
    ];
  });
}

/** The schema itself, or the only one of its alternatives that has keys. */
function mapIn(schema: KeySchema): KeySchema | null {
  if (schema.properties) return schema;
  const maps = (schema.anyOf ?? []).filter(({ properties }) => properties);
  return maps.length === 1 ? maps[0]! : null;
}

const WORDS: Record<string, string> = {
  string: 'text',
  array: 'list',
  object: 'map',
  integer: 'whole number',
  boolean: 'true or false',
};

function typeOf({ const: only, enum: values, anyOf = [], type = [], items }: KeySchema): string {
  if (only !== undefined) return JSON.stringify(only);
  const each = values?.map(value => JSON.stringify(value)) ?? anyOf.map(typeOf);
  const types = each.length > 0 ? each : [type].flat().map(name => WORDS[name] ?? name);
  const of = type === 'array' && items ? ` of ${typeOf(items)}` : '';
  return `${[...new Set(types)].join(' or ') || 'anything'}${of}`;
}
