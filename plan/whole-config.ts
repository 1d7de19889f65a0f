// Where a job's config as a whole comes from: written in place, a file, or made by an earlier job and read late.
import { isAbsolute, join } from 'node:path';
import type { Compiling } from './compiling.ts';
import type { Place } from './diagnostic.ts';
import { isObject, isWithin } from './dotted.ts';
import type { ConfigRoot, Draft } from './draft.ts';
import type { RawJob } from './grammar.ts';
import { findInput, type Given, type RawInput } from './local-and-input.ts';
import { findEdge, makersOf } from './made-paths.ts';
import { Origin } from './origin.ts';
import { isPlaceholder } from './paths.ts';

/** Fills one of a draft's configs from what is given for it; `isInput`: an input replaces it when the job runs. */
export function loadRoot(
  c: Compiling,
  draft: Draft,
  root: ConfigRoot,
  { value, place }: Given,
  earlier: readonly Draft[],
  isInput: boolean,
): void {
  draft.places.setRoot(root, draft.raw.origin.inside(root));
  if (value === null) return;
  if (isObject(value)) {
    draft.config[root] = structuredClone(value);
    return;
  }
  if (typeof value !== 'string') {
    c.error(place, `expected a map, the path of a YAML or JSON file, or null, got ${JSON.stringify(value)}`);
    markUnknown(draft, root);
    return;
  }
  if (isInput) return;
  if (isPlaceholder(value)) {
    c.error(place, `nothing fills in ${value}; give a path or a map, or add \`input: {${root}: <context key>}\``);
    markUnknown(draft, root);
    return;
  }
  loadFile(c, draft, root, value, place, earlier);
}

function loadFile(
  c: Compiling,
  draft: Draft,
  root: ConfigRoot,
  written: string,
  place: Place,
  earlier: readonly Draft[],
): void {
  const path = isAbsolute(written) ? written : join(c.baseDir, written);
  const edge = findEdge(root, written, path, earlier);
  if (edge) {
    const producer = earlier.find(job => job.id === edge.job)!;
    draft.edges.push(edge);
    draft.late.add(root);
    const index = producer.spec?.results.findIndex(result => 'write' in result && result.write === edge.write) ?? -1;
    if (!expectRecipe(draft, root, producer, index)) {
      c.error(place, `${producer.id} makes ${written}, which is no recipe; name the output of a refine job`);
      markUnknown(draft, root);
    }
    return;
  }
  if (!/\.(?:ya?ml|json)$/.test(path)) {
    c.error(place, `expected the path of a .yaml, .yml or .json file, got ${JSON.stringify(written)}`);
    markUnknown(draft, root);
    return;
  }
  const source = c.source(path);
  if (source === null && makersOf(path, earlier).length === 0 && !earlier.some(job => job.broken)) {
    const kind = c.files.stat(path) === 'directory' ? `${written} is a folder` : `there is no file ${written}`;
    c.error(place, `${kind} and no job before this one makes it; relative paths start at ${c.baseDir}`);
  }
  if (!source?.value) {
    markUnknown(draft, root);
    return;
  }
  draft.places.setRoot(root, new Origin(source));
  draft.config[root] = structuredClone(source.value);
}

function markUnknown(draft: Draft, root: ConfigRoot): void {
  draft.unknown.add(root);
  draft.broken = true;
}

/** Binds a config as a whole to a result of an earlier job. */
export function bindWhole(
  c: Compiling,
  draft: Draft,
  root: ConfigRoot,
  input: RawInput,
  earlier: readonly Draft[],
  later: readonly RawJob[],
): void {
  const found = findInput(c, input, earlier, later);
  if (!found) {
    markUnknown(draft, root);
    return;
  }
  draft.late.add(root);
  draft.inputs.push(found.binding);
  if (expectRecipe(draft, root, found.job, found.index)) return;
  if (draft.config[root] !== null) return;
  markUnknown(draft, root);
  if (found.job.spec === null) return;
  c.error(
    input.place,
    `${input.from} is no recipe, so that nothing is known of ${root}; take the result of a refine job, or give the config as a map`,
  );
}

/** What a recipe that is made late will look like: the recipe that it is made from, with what its maker fills into that. */
function expectRecipe(draft: Draft, root: ConfigRoot, producer: Draft, index: number): boolean {
  const result = producer.spec?.results[index];
  if (root !== 'dj_configs' || !result || !('write' in result) || result.recipeOf !== 'dj_configs') return false;
  if (producer.config.dj_configs === null || producer.unknown.has('dj_configs')) {
    markUnknown(draft, root);
    return true;
  }
  draft.config.dj_configs = structuredClone(producer.config.dj_configs);
  const origin = producer.places.root('dj_configs');
  if (origin) draft.places.setRoot(root, origin);
  for (const { at, place } of producer.places.written) if (isWithin(at, 'dj_configs')) draft.places.write(at, place);
  for (const input of producer.inputs) if (input.into.startsWith('dj_configs.')) draft.inputs.push({ ...input });
  return true;
}
