import assert from 'node:assert/strict';
import { copyFile, rename, stat, writeFile } from 'node:fs/promises';
import { jsonSchemaOf } from '../../../plan/json-schema.ts';
import type { Json, JsonObject } from '../../../plan/plan.ts';
import { fileSystemSentence } from '../../runtime/errno.ts';
import { JobFailure } from '../../runtime/failure.ts';
import { isInside } from '../../runtime/supervised.ts';
import { componentProblems } from '../component-problems.ts';
import { compileJob, type JobBench } from './job-bench.ts';

/** What it says of itself is whole, and its schemas can be shown to editors. */
export async function declaresItself({ under: { component } }: JobBench): Promise<void> {
  assert.deepEqual(componentProblems(component), []);
  for (const schema of Object.values(component.config)) if (schema) jsonSchemaOf(schema);
}

const WRONG_VALUES: Json[] = [null, '', 'no such thing', -1.5, true, [], [[]], {}, { unheard: ['of'] }];

/** Whatever stands in its config, `validate` answers with sentences at places, never with a stack. */
export async function refusesWrongConfigs({ under, folder, configs }: JobBench): Promise<void> {
  for (const [root, config] of Object.entries(configs) as [keyof typeof configs, JsonObject][]) {
    const without = (key: string) => Object.fromEntries(Object.entries(config).filter(([each]) => each !== key));
    const changes = [
      ...Object.keys(config).flatMap(key => [
        { what: `without ${root}.${key}`, value: without(key) },
        ...WRONG_VALUES.map(wrong => ({
          what: `with ${root}.${key}: ${JSON.stringify(wrong)}`,
          value: { ...config, [key]: wrong },
        })),
      ]),
      { what: `with ${root}.unheard_of: 1`, value: { ...config, unheard_of: 1 } },
    ];
    for (const { what, value } of changes) tells(what, () => compileJob(under, folder, { ...configs, [root]: value }));
  }
}

function tells(what: string, compile: () => ReturnType<typeof compileJob>): void {
  let compiled: ReturnType<typeof compileJob>;
  try {
    compiled = compile();
  } catch (error) {
    throw new Error(`a config ${what} is answered with an exception instead of a sentence`, { cause: error });
  }
  if (compiled.ok) return;
  for (const { message } of compiled.diagnostics) {
    assert.ok(message.length > 0, `a config ${what} is refused without a word`);
    assert.doesNotMatch(message, /\n\s+at |\[object Object\]/, `a config ${what} is refused with a stack`);
  }
}

const BAD_CONTENTS = { empty: '', 'full of something else': '\u0000\u0001{"half": ["a line\n<xml/>\n\ufffd,,,\n' };

/** Of files that are not what they should be it makes a result, or says what is wrong with them: what is tried again and again helps nobody. */
export async function reportsBadFiles(bench: JobBench): Promise<void> {
  for (const { at, path } of bench.job.reads) {
    // Only what was made for this job: other files are the user's.
    if (!isInside(path, bench.folder) || !(await stat(path).catch(() => null))?.isFile()) continue;
    const kept = `${path}.kept`;
    await copyFile(path, kept);
    try {
      for (const [what, content] of Object.entries(BAD_CONTENTS)) {
        await writeFile(path, content);
        await bench.forget();
        await bench.attempt().catch(error => reported(`${at}: of a file that is ${what}`, error));
      }
    } finally {
      await rename(kept, path);
    }
  }
  await bench.forget();
}

function reported(what: string, error: Error): void {
  const isTold = error instanceof JobFailure || fileSystemSentence(error) !== null;
  if (!isTold)
    throw new Error(`${what} it says "${error.message}" as an unexpected error; throw a JobFailure`, { cause: error });
  assert.match(error.message, /\S{2,}/, `${what} it fails without a word`);
  assert.doesNotMatch(error.message, /\n\s+at /, `${what} it fails with a stack`);
}
