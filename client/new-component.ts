import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { registry } from '../activities/components.ts';
import { collision } from '../activities/own/collision.ts';
import { sourceOf } from '../activities/own/load.ts';
import { componentTestText, componentText, type NewComponent } from './component-template.ts';
import { CommandFailure } from './failure.ts';

export interface NewComponentOptions {
  hook: string;
  dir: string;
}

const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const HOOK = /^[A-Za-z][A-Za-z0-9]*$/;

/**
 * Writes `<name>.ts`, a component that runs as it is, and `<name>.test.ts`; returns what to tell the user.
 * @throws CommandFailure when the name or the hook cannot be used, or a file is there already.
 */
export async function newComponent(name: string, { hook, dir }: NewComponentOptions): Promise<string[]> {
  if (!NAME.test(name))
    throw new CommandFailure(`${name}: expected small letters, digits and dashes, such as word-count`);
  if (!HOOK.test(hook))
    throw new CommandFailure(`--hook ${hook}: expected letters and digits, such as EvaluateDataHook`);
  const sibling = registry.find(spec => spec.hook === hook);
  const stage = sibling?.name.split('.')[0] ?? 'own';
  const type = sibling ? name.replaceAll('-', '_') : undefined;
  const asked: NewComponent = { file: name, name: `${stage}.${name}`, hook, ...(type !== undefined && { type }) };
  const taken = collision(asked, registry, each => sourceOf(each) ?? 'built in');
  if (taken !== null) throw new CommandFailure(taken);
  const [file, test] = [join(dir, `${name}.ts`), join(dir, `${name}.test.ts`)];
  for (const path of [file, test])
    if (existsSync(path)) throw new CommandFailure(`${path} is there already: choose another name or --dir`);
  await mkdir(dir, { recursive: true });
  await writeFile(file, componentText(asked));
  await writeFile(test, componentTestText(asked));
  const shown = `./${relative('.', file)}`;
  return [
    `${file}: the component ${asked.name} (${hook}${type === undefined ? '' : `, type: ${type}`}); change what it does`,
    `${test}: its test; node --import dj-sandbox/register --test ${test}`,
    `Then name it to the workers and commands: components: [${shown}] in temporal-dev.yaml, or --components ${shown}`,
  ];
}
