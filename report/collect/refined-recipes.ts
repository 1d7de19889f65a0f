// What refinement changed in recipes, and why, as the recipes that it wrote say themselves.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Document, isMap, isScalar, parseDocument } from 'yaml';
import { isObject } from '../../plan/dotted.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import { origin } from '../figure.ts';
import type { RefinedRecipe, TrialJob } from '../model/trial.ts';
import { diffTexts } from './text-diff.ts';

const RECIPE = /\.(ya?ml|json)$/;
/** What stands before the reason in a comment: the old value is told beside it. */
const WAS = /^was (?:"(?:[^"\\]|\\.)*"|[^;]*); /;

/** Recipes that jobs made of the recipes in their configs. */
export async function refinedRecipes(
  jobs: readonly TrialJob[],
  workDir: string,
  lacking: string[],
): Promise<RefinedRecipe[]> {
  const found: RefinedRecipe[] = [];
  for (const job of jobs) {
    const old = job.manifest?.config.dj_configs;
    const made = job.job.stage === 'refine' ? job.manifest?.results.find(isRecipe) : undefined;
    if (!old || made?.kind !== 'path') continue;
    const file = `jobs/${job.key}/${made.path}`;
    const text = await readFile(join(workDir, file), 'utf8').catch(() => null);
    if (text === null) {
      lacking.push(`the refined recipe of ${job.job.id} (${file}) is gone`);
      continue;
    }
    const document = parseDocument(text, { version: '1.1' });
    if (document.errors.length > 0) lacking.push(`the refined recipe of ${job.job.id} (${file}) cannot be read`);
    else found.push({ job, file, ...changesOf(old, document, job) });
  }
  return found;
}

const isRecipe = (result: { kind: string; path?: string }) => result.kind === 'path' && RECIPE.test(result.path ?? '');

function changesOf(
  old: JsonObject,
  document: ReturnType<typeof parseDocument>,
  job: TrialJob,
): Pick<RefinedRecipe, 'changes' | 'diff'> {
  const now = document.toJS() as JsonObject;
  const [before, after] = [opsOf(old), opsOf(now)];
  const changes = after.flatMap(([op, args], index) =>
    [...new Set([...Object.keys(before[index]?.[0] === op ? before[index][1] : {}), ...Object.keys(args)])].flatMap(
      arg => {
        const from = before[index]?.[0] === op ? before[index][1][arg] : undefined;
        if (JSON.stringify(from) === JSON.stringify(args[arg])) return [];
        const why = commentAt(document, index, op, arg).replace(WAS, '');
        return [
          {
            op,
            arg,
            from,
            to: args[arg],
            why,
            origin: origin(job.manifestFile, 'config', 'dj_configs', 'process', index, op, arg),
          },
        ];
      },
    ),
  );
  return { changes, diff: diffTexts(asText(old), asText(now)) };
}

function opsOf(recipe: JsonObject): [string, JsonObject][] {
  return (Array.isArray(recipe.process) ? recipe.process : []).map(item => {
    const [entry] = isObject(item) ? Object.entries(item) : [];
    return [entry?.[0] ?? '', isObject(entry?.[1]) ? (entry[1] as JsonObject) : {}];
  });
}

function commentAt(document: ReturnType<typeof parseDocument>, index: number, op: string, arg: string): string {
  const args = document.getIn(['process', index, op], true);
  const value = isMap(args) ? args.get(arg, true) : undefined;
  return isScalar(value) ? (value.comment ?? '').trim() : '';
}

function asText(recipe: JsonObject): string {
  return new Document(recipe as Json, { version: '1.1', aliasDuplicateObjects: false }).toString({
    lineWidth: 0,
    directives: false,
  });
}
