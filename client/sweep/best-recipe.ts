import { dirname, extname, join, sep } from 'node:path';
import type { Manifest } from '../../plan/manifest.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';

/**
 * The recipe as a job ran it, for a file `out`: what it exports goes beside that file, under its name; other paths in the job's own
 * directory become ones beside it too. Null where the job ran no recipe.
 */
export function bestRecipe({ config, writes }: Manifest, dir: string, out: string): JsonObject | null {
  const { dj_configs: recipe } = config;
  if (recipe === null) return null;
  const folder = dirname(out);
  const inside = dir + sep;
  const moved = (value: Json): Json => {
    if (typeof value === 'string' && value.startsWith(inside))
      return join(folder, value.slice(value.lastIndexOf(sep) + 1));
    if (Array.isArray(value)) return value.map(moved);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, moved(each)]));
  };
  const made = moved(recipe) as JsonObject;
  const exported = writes['dj_configs.export_path'];
  return exported === undefined
    ? made
    : { ...made, export_path: join(folder, `${stem(out)}-data${extname(exported)}`) };
}

/** A path without its folder and its last ending. */
export function stem(path: string): string {
  const name = path.slice(path.lastIndexOf(sep) + 1);
  return name.slice(0, name.length - extname(name).length);
}
