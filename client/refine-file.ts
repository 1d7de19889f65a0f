import { readFileSync, writeFileSync } from 'node:fs';
import { catalogue } from '../activities/catalogue.ts';
import { howChanged, recipeText } from '../activities/refine/recipe-text.ts';
import { formatDiagnostic } from '../plan/diagnostic.ts';
import { type Refined, refineRecipe } from '../plan/k-sigma.ts';
import { type OverallStats, parseOverallCsv } from '../plan/overall-csv.ts';
import type { JsonObject } from '../plan/plan.ts';
import { parseSource } from '../plan/source.ts';
import { required } from './arguments.ts';
import { CommandFailure, EXIT } from './failure.ts';

export interface RefineOptions {
  recipe?: string;
  stats?: string;
  k: string;
  out?: string;
}

/**
 * Refines a recipe file by k-sigma and writes it; returns what to say about it.
 * @throws CommandFailure when a file cannot be read or written, or is none of what it should be.
 */
export function refineFile(options: RefineOptions): string[] {
  const recipe = required('--recipe', options.recipe);
  const stats = required('--stats', options.stats);
  const out = required('--out', options.out);
  if (!/\.(ya?ml|json)$/.test(out))
    throw new CommandFailure(`--out ${out}: expected a name ending in .yaml, .yml or .json`);
  const k = Number(options.k);
  if (!(Number.isFinite(k) && k > 0)) throw new CommandFailure(`--k ${options.k}: expected a number above 0`);
  const refined = refineRecipe(readRecipe(recipe), readStats(stats), { k, catalogue: catalogue() });
  write(out, refined);
  return [...changeLines(refined), `refined recipe: ${out}`];
}

function changeLines({ changes, notes }: Refined): string[] {
  const lines = changes.map(change => {
    return `${change.op}.${change.arg}: ${JSON.stringify(change.to)} (${howChanged(change)})`;
  });
  if (lines.length === 0)
    lines.push('nothing to refine: no op of the recipe has a minimum or maximum whose stat was analysed');
  return [...lines, ...notes.map(note => `note: ${note}`)];
}

function readRecipe(path: string): JsonObject {
  const { value, diagnostics } = parseSource(path, read('--recipe', path));
  if (value) return value;
  throw new CommandFailure(diagnostics.map(formatDiagnostic).join('\n'));
}

function readStats(path: string): OverallStats {
  const text = read('--stats', path);
  try {
    return parseOverallCsv(text);
  } catch (error) {
    throw new CommandFailure(`--stats ${path}: ${error instanceof Error ? error.message : error}`, EXIT.badInput, {
      cause: error,
    });
  }
}

function read(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw unusable(`${option} ${path} cannot be read`, error);
  }
}

function write(path: string, refined: Refined): void {
  try {
    writeFileSync(path, recipeText(refined, path));
  } catch (error) {
    throw unusable(`--out ${path} cannot be written`, error);
  }
}

function unusable(what: string, error: unknown): CommandFailure {
  const code = (error as NodeJS.ErrnoException).code;
  const why = code === 'ENOENT' ? 'there is no such file or folder' : (code ?? String(error));
  return new CommandFailure(`${what}: ${why}`, EXIT.badInput, { cause: error });
}
