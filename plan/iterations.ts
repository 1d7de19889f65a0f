import type { Compiling } from './compiling.ts';
import { findResult } from './context-key.ts';
import type { Draft } from './draft.ts';
import type { Globals } from './grammar.ts';
import type { ConfigPlaces } from './origin.ts';
import type { IterUpdate, Target } from './plan.ts';
import { findJobPath } from './set.ts';
import { parseTarget } from './targets.ts';

/** The plan's part about iterations. */
export interface Iterations {
  maxIterNum: number;
  iterTargets: Target[];
  iterTargetsMode: 'all' | 'any';
  iterUpdater: IterUpdate[];
}

/** Checks how often the pipelines run, until when, and what passes from one iteration to the next. */
export function readIterations(
  c: Compiling,
  globals: Globals,
  places: ConfigPlaces,
  drafts: readonly Draft[],
): Iterations {
  const {
    max_iter_num: maxIterNum = 1,
    iter_targets: targets = [],
    iter_targets_mode: iterTargetsMode = 'all',
  } = globals;
  const written = typeof targets === 'string' ? [targets] : targets;
  const iterTargets = written.flatMap((text, i) => {
    const at = typeof targets === 'string' ? 'config.iter_targets' : `config.iter_targets.${i}`;
    return readTarget(c, text, places.place(at), drafts);
  });
  const updates = Object.entries(globals.iter_updater ?? {});
  const iterUpdater = updates.flatMap(([from, to]) => readUpdate(c, from, to, places, drafts));
  if (maxIterNum === 0 && written.length === 0) {
    c.error(
      places.place('config.max_iter_num'),
      'no limit (0) needs iter_targets, else it would never end; give targets, or a number of iterations',
    );
  }
  if (maxIterNum !== 1 && updates.length === 0 && drafts.length > 0 && drafts.every(draft => draft.cache)) {
    const what =
      'nothing changes from one iteration to the next, so that each finds the results of the first; give iter_updater, or `cache: false` to a job';
    if (maxIterNum === 0) c.error(places.place('config.max_iter_num'), what);
    else c.warn(places.place('config.max_iter_num'), what);
  }
  return { maxIterNum, iterTargets, iterTargetsMode, iterUpdater };
}

function readTarget(
  c: Compiling,
  text: string,
  place: ReturnType<ConfigPlaces['place']>,
  drafts: readonly Draft[],
): Target[] {
  const target = parseTarget(text);
  if (typeof target === 'string') {
    c.error(place, `"${text}" is no target: ${target}`);
    return [];
  }
  const found = findResult(target.key, drafts);
  if ('error' in found) {
    c.error(place, `"${target.key}": ${found.error}`);
    return [];
  }
  const result = found.job.spec?.results[found.index];
  if (result && 'write' in result) {
    c.error(place, `"${target.key}" is a path, which no number can be compared with; name a score`);
    return [];
  }
  if (found.warning) c.warn(place, `"${target.key}": ${found.warning}`);
  return [{ ...target, ref: found.ref }];
}

function readUpdate(
  c: Compiling,
  from: string,
  to: string,
  places: ConfigPlaces,
  drafts: readonly Draft[],
): IterUpdate[] {
  const isSet = places.written.some(each => each.at === 'config.iter_updater');
  // Not by its dotted key: `from` has dots of its own.
  const place = isSet ? places.place('config.iter_updater') : places.root('config')!.place(['iter_updater', from]);
  const found = findResult(from, drafts);
  if ('error' in found) c.error(place, `"${from}": ${found.error}`);
  const raws = drafts.map(draft => draft.raw);
  const target = findJobPath(to, raws);
  if (typeof target === 'string') c.error(place, `"${to}": ${target}`);
  return 'error' in found || typeof target === 'string' ? [] : [{ from, ref: found.ref, to }];
}
