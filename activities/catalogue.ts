import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OpCatalogue } from '../plan/op-catalogue.ts';
import { packageRoot } from './runtime/paths.ts';

let loaded: OpCatalogue | undefined;

/** Data-Juicer's ops with their arguments and stats, as its own package says (python/data-juicer-host/make_catalogue.py). */
export function catalogue(): OpCatalogue {
  loaded ??= JSON.parse(readFileSync(join(packageRoot(), 'plan', 'op-catalogue.json'), 'utf8')) as OpCatalogue;
  return loaded;
}
