import type { Manifest } from '../../../plan/manifest.ts';

/** What of a manifest two runs of one job have in common: not when and in which run; where runs may vary, only what there is. */
export function outcomeOf({ results, metrics, files, provides }: Manifest, varies: boolean): unknown {
  const whole = varies
    ? [results.map(({ kind }) => kind), Object.keys(metrics).sort(), files.map(({ path }) => path)]
    : [results, metrics, files.map(({ path, sha256 }) => [path, sha256]), provides];
  return JSON.parse(JSON.stringify(whole).replaceAll(/\bepoch-\d+/g, 'epoch'));
}
