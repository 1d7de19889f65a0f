// Compiles the sandbox config at points of a space, so that a parameter that names nothing, or has values that do not fit, is told before any
// trial begins.
import type { CompileResult } from '../compile.ts';
import { type Diagnostic, formatDiagnostic, type Place } from '../diagnostic.ts';
import { isObject } from '../dotted.ts';
import type { Origin } from '../origin.ts';
import type { Json, Plan } from '../plan.ts';
import { choicesOf, endsOf, fromUnit } from './distributions.ts';
import type { SpaceRead } from './read-space.ts';
import { said } from './reading.ts';
import type { Distribution, Point } from './types.ts';

/** Of a choice so many values are looked at; all of them in all but odd spaces. */
const MOST_VALUES = 64;
/** Inside of a line: a fraction that is hardly ever a whole number, and the middle. */
const INSIDE = [0.375, 0.5];

export interface SpaceChecked {
  /** Errors, and the warnings of the first point. */
  diagnostics: Diagnostic[];
  /** The plan of the first point; null where that is in error. */
  plan: Plan | null;
}

/** An error of one parameter, and at which of its samples it was seen. */
type Seen = Map<string, Set<number>>;

/**
 * Compiles at so many points as it takes for each parameter to have each of its samples once: every value of a choice, ends and inside of a line.
 * Errors about a parameter are told where the sweep file has it.
 */
export function checkSpace({ space, origins }: SpaceRead, compileAt: (point: Point) => CompileResult): SpaceChecked {
  const samples = new Map(space.map(({ name, distribution }) => [name, samplesOf(distribution)]));
  const count = Math.max(1, ...[...samples.values()].map(values => values.length));
  const pointAt = (i: number): Point =>
    Object.fromEntries([...samples].map(([name, values]) => [name, values[i % values.length]!]));
  const ofParameters = new Map<string, Seen>();
  const others = new Map<string, { diagnostic: Diagnostic; at: number[] }>();
  let first: CompileResult | null = null;
  for (let i = 0; i < count; i++) {
    const result = compileAt(pointAt(i));
    first ??= result;
    for (const diagnostic of errorsOf(result)) {
      const values = diagnostic.file === '--set' ? samples.get(diagnostic.path) : undefined;
      if (values) note(ofParameters, diagnostic, i % values.length);
      else {
        const key = formatDiagnostic(diagnostic);
        const seen = others.get(key) ?? { diagnostic, at: [] };
        others.set(key, { diagnostic, at: [...seen.at, i] });
      }
    }
  }
  const diagnostics = space.flatMap(({ name, distribution }) =>
    tell({
      name,
      origin: origins.get(name)!,
      samples: samples.get(name)!,
      isChoice: choicesOf(distribution) !== null,
      seen: ofParameters.get(name) ?? new Map(),
      passes: (sample, value) => {
        const point = { ...pointAt(sample), [name]: value };
        return !errorsOf(compileAt(point)).some(({ file, path }) => file === '--set' && path === name);
      },
    }),
  );
  for (const { diagnostic, at } of others.values()) {
    const everywhere = at.length === count;
    diagnostics.push(
      everywhere
        ? diagnostic
        : { ...diagnostic, message: `${diagnostic.message} (with ${pointSaid(pointAt(at[0]!))})` },
    );
  }
  return { diagnostics: [...diagnostics, ...warningsOf(first)], plan: first?.ok ? first.plan : null };
}

/** Values at which a parameter is looked at. */
function samplesOf(distribution: Distribution): Json[] {
  const choices = choicesOf(distribution);
  if (choices) return Array.from({ length: Math.min(choices.count, MOST_VALUES) }, (_, i) => choices.at(i));
  const [from, to] = endsOf(distribution);
  return [...new Set([from, ...INSIDE, to].map(u => fromUnit(distribution, u)))];
}

interface Told {
  name: string;
  origin: Origin;
  samples: Json[];
  isChoice: boolean;
  seen: Seen;
  /** Whether another value in a sample's place would be right. */
  passes: (sample: number, value: Json) => boolean;
}

/** What is said of every sample alike is of the parameter's name; of a line the first is told, of a choice each. */
function tell({ origin, samples, isChoice, seen, passes }: Told): Diagnostic[] {
  const told: Diagnostic[] = [];
  for (const [message, at] of seen) {
    const ofValue = [...at].some(i => message.includes(JSON.stringify(samples[i])));
    if (at.size === samples.length && !ofValue) told.push(error(origin.place([], 'key'), message));
    else if (isChoice) for (const i of at) told.push(error(valuePlace(origin, i), message));
    else if (told.length === 0) {
      const [i] = at;
      const value = samples[i!]!;
      const named = message.includes(JSON.stringify(value)) ? message : `${message}, at ${said(value)}`;
      told.push(error(origin.place(), named + wholeHint(value, rounded => passes(i!, rounded))));
    }
  }
  return told;
}

/** Says what to draw where only whole numbers fit. */
function wholeHint(value: Json, passes: (value: number) => boolean): string {
  if (typeof value !== 'number' || Number.isInteger(value) || !passes(Math.round(value))) return '';
  return '; use int_uniform, or q_uniform with a whole q, so that only whole numbers are tried';
}

function valuePlace(origin: Origin, i: number): Place {
  let given: Json = origin.source.value;
  for (const part of origin.base) given = isObject(given) ? (given[part] ?? null) : null;
  return origin.place(isObject(given) && given.values !== undefined ? ['values', i] : ['value']);
}

function note(ofParameters: Map<string, Seen>, { path, message }: Diagnostic, sample: number): void {
  const seen = ofParameters.get(path) ?? new Map<string, Set<number>>();
  ofParameters.set(path, seen.set(message, (seen.get(message) ?? new Set()).add(sample)));
}

const error = (place: Place, message: string): Diagnostic => ({ ...place, message, severity: 'error' });

const errorsOf = (result: CompileResult): Diagnostic[] =>
  result.ok ? [] : result.diagnostics.filter(each => each.severity === 'error');

const warningsOf = (result: CompileResult | null): Diagnostic[] =>
  result === null ? [] : result.ok ? result.warnings : result.diagnostics.filter(each => each.severity === 'warning');

const pointSaid = (point: Point): string =>
  Object.entries(point)
    .map(([name, value]) => `${name}=${said(value)}`)
    .join(', ');
