// Builds the two configs of a job: from texts or inline, late-bound as a whole, then `local`, settings and iteration updates, in that order.
import type { Compiling } from './compiling.ts';
import { getAt, isWithin, setAt } from './dotted.ts';
import { CONFIG_ROOTS, type ConfigRoot, type Draft } from './draft.ts';
import type { RawJob } from './grammar.ts';
import { isFilled } from './job-paths.ts';
import { findInput, type RawInput, readInputs, readLocal } from './local-and-input.ts';
import type { JsonObject } from './plan.ts';
import { applyOverride } from './recipe.ts';
import type { JobSetting, OpSetting } from './set.ts';
import { bindWhole, loadRoot } from './whole-config.ts';

/** Fills a draft's configs, inputs and settings. */
export function buildConfig(
  c: Compiling,
  draft: Draft,
  earlier: readonly Draft[],
  later: readonly RawJob[],
  set: readonly JobSetting[],
): void {
  const local = readLocal(c, draft.raw);
  const inputs = readInputs(c, draft.raw);
  for (const root of CONFIG_ROOTS) {
    const whole = inputs.find(input => input.into === root);
    const given = local.find(each => each.at === root) ?? {
      value: draft.raw.value[root] ?? null,
      place: draft.raw.origin.place([root]),
    };
    loadRoot(c, draft, root, given, earlier, whole !== undefined);
    if (whole) bindWhole(c, draft, root, whole, earlier, later);
  }
  for (const setting of [...local.filter(each => each.at.includes('.')), ...set]) write(c, draft, setting);
  for (const input of inputs.filter(each => each.into.includes('.'))) {
    for (const { at, place } of set) if (isWithin(at, input.into)) c.error(place, setInVain(draft, input));
    bindNested(c, draft, input, earlier, later);
  }
}

/** Makes inputs of the context keys that stand in a draft's configs where its component takes them. */
export function bindContextKeys(c: Compiling, draft: Draft, earlier: readonly Draft[], later: readonly RawJob[]): void {
  for (const into of draft.spec?.contextKeys?.(draft.config) ?? []) {
    const from = getAt(draft.config, into);
    if (typeof from !== 'string' || isFilled(draft, into)) continue;
    bindNested(c, draft, { into, from, place: draft.places.place(into) }, earlier, later);
  }
}

/** Applies op arguments set from outside to a draft's recipe. */
export function overrideOps(draft: Draft, ops: readonly OpSetting[]): void {
  const recipe = draft.config.dj_configs;
  if (!draft.spec?.recipe || recipe === null) return;
  for (const setting of ops) {
    const written = applyOverride(recipe, setting);
    if (written.length === 0) continue;
    setting.used = true;
    draft.overrides.push({ op: setting.op, arg: setting.arg, value: setting.value });
    for (const at of written) draft.places.write(`dj_configs.${at}`, setting.place);
  }
}

function setInVain(draft: Draft, { into, from }: RawInput): string {
  return `${draft.id} takes ${into} from ${from} when it runs, so that this has no effect; leave it out, or remove the input`;
}

function bindNested(
  c: Compiling,
  draft: Draft,
  input: RawInput,
  earlier: readonly Draft[],
  later: readonly RawJob[],
): void {
  const found = findInput(c, input, earlier, later);
  if (!found) {
    draft.broken = true;
    draft.unresolved.push(input.into);
    return;
  }
  draft.inputs = draft.inputs.filter(each => !isWithin(each.into, input.into));
  draft.inputs.push(found.binding);
  expectPath(draft, input, found.job, found.index);
}

/** Puts the path under which a result is also published where an input will write it: other outputs may be named after it. */
function expectPath(draft: Draft, { into, place }: RawInput, producer: Draft, index: number): void {
  const result = producer.spec?.results[index];
  const named =
    result && 'write' in result ? producer.writes.find(write => write.at === result.write)?.named : undefined;
  const root = into.split('.')[0] as ConfigRoot;
  if (named === undefined || draft.unknown.has(root)) return;
  const config: JsonObject = { [root]: draft.config[root] ?? {} };
  if (setAt(config, into, named) !== null) return;
  draft.config[root] = config[root] as JsonObject;
  draft.places.write(into, place);
}

function write(c: Compiling, draft: Draft, { at, value, place }: JobSetting): void {
  const root = at.split('.')[0] as ConfigRoot;
  if (draft.unknown.has(root)) return;
  const config: JsonObject = { [root]: draft.config[root] ?? {} };
  const isNew = getAt(config, at) === undefined;
  const problem = setAt(config, at, structuredClone(value));
  if (problem) {
    c.error(place, `cannot set ${at}: ${problem}`);
    draft.broken = true;
    return;
  }
  draft.config[root] = config[root] as JsonObject;
  draft.places.write(at, place, isNew);
  if (draft.late.has(root)) draft.settings.push({ at, value });
}
