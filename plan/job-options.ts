// A job's keys besides its configs: names of its results, cache, on_failure, resources.
import type { Compiling } from './compiling.ts';
import { outputNames } from './context-key.ts';
import { isObject } from './dotted.ts';
import type { Draft } from './draft.ts';
import type { RawJob } from './grammar.ts';
import type { Resources } from './plan.ts';
import { didYouMeanOf } from './suggest.ts';

export const DEFAULT_RESOURCES: Resources = { tag: 'cpu', gpus: 0 };

/** Names the draft's results. */
export function readOutputs(c: Compiling, draft: Draft): void {
  const given = draft.raw.value.output ?? [];
  const place = draft.raw.origin.place(['output']);
  const names = typeof given === 'string' ? [given] : given;
  if (!Array.isArray(names) || !names.every((name): name is string => typeof name === 'string' && name !== '')) {
    c.error(place, `expected a name or a list of names, got ${JSON.stringify(given)}`);
    return;
  }
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) c.error(place, `"${twice}" names two results; give each a name of its own`);
  const count = draft.spec?.results.length;
  if (count !== undefined && names.length > count) {
    c.error(
      place,
      `${names.length} names for ${count} result${count === 1 ? '' : 's'}; ${draft.spec?.name} has ${count}: leave out ${names.slice(count).join(', ')}`,
    );
  }
  draft.outputs = outputNames(names, count ?? 0);
}

/** Reads what the job says for itself, else takes the config's or the component's. */
export function readOptions(c: Compiling, draft: Draft, onFailure: 'fail' | 'wait'): void {
  const { value, origin } = draft.raw;
  const { cache = null, on_failure: failure = null, resources = null } = value;
  draft.cache = draft.spec?.cacheable ?? true;
  if (typeof cache === 'boolean') draft.cache = cache;
  else if (cache !== null) c.error(origin.place(['cache']), `expected true or false, got ${JSON.stringify(cache)}`);
  draft.onFailure = onFailure;
  if (failure === 'fail' || failure === 'wait') draft.onFailure = failure;
  else if (failure !== null)
    c.error(origin.place(['on_failure']), `expected "fail" or "wait", got ${JSON.stringify(failure)}`);
  draft.resources = { ...(draft.spec?.resources ?? DEFAULT_RESOURCES) };
  if (resources === null) return;
  if (!isObject(resources)) {
    c.error(origin.place(['resources']), 'expected a map: {tag: <what a worker must offer>, gpus: <number>}');
    return;
  }
  for (const [key, wanted] of Object.entries(resources)) {
    const place = origin.place(['resources', key]);
    if (key === 'tag' && typeof wanted === 'string' && /^[\w.-]+$/.test(wanted)) draft.resources.tag = wanted;
    else if (key === 'gpus' && Number.isInteger(wanted) && (wanted as number) >= 0)
      draft.resources.gpus = wanted as number;
    else if (key === 'tag')
      c.error(place, `expected a tag such as cpu, gpu or gpu-h100, got ${JSON.stringify(wanted)}`);
    else if (key === 'gpus') c.error(place, `expected a whole number of GPUs, got ${JSON.stringify(wanted)}`);
    else c.error(origin.place(['resources', key], 'key'), `unknown key; ${didYouMeanOf(key, ['tag', 'gpus'])}`);
  }
}

/** GPUs that the job asks for itself, or null. */
export function gpusGiven({ value }: RawJob): number | null {
  const gpus = isObject(value.resources) ? value.resources.gpus : null;
  return typeof gpus === 'number' ? gpus : null;
}
