import { statSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Component } from '../component.ts';
import { addComponent, registry } from '../components.ts';
import { collision } from './collision.ts';
import { componentProblems } from './component-problems.ts';
import { NAMED } from './module-hooks.ts';
import { registerModuleHooks } from './register-module-hooks.ts';

const MESSAGE_LINES = 12;

/** Thrown when a user's components cannot be used: which file or package, what is wrong with it, what would be right. */
export class OwnComponentsError extends Error {
  override name = 'OwnComponentsError';
}

const sources = new Map<string, string>();
const loaded = new Set<string>();

/** File or package that a component was loaded from; absent: it is built in. */
export function sourceOf(component: string): string | undefined {
  return sources.get(component);
}

/**
 * Imports files (`./evaluator.ts`) and packages (`@acme/components`), looked up from folder `from`, and adds the components that they export. Once
 * loaded they stay as they are until the process ends.
 * @throws OwnComponentsError with every problem of the first file that has any.
 */
export async function loadOwnComponents(names: readonly string[], from: string): Promise<void> {
  for (const name of names) {
    const specifier = lookUp(name, from);
    if (loaded.has(specifier)) continue;
    const found = componentsIn(name, await imported(name, specifier));
    for (const component of found) add(name, component);
    loaded.add(specifier);
  }
}

function lookUp(name: string, from: string): string {
  const isFile = name.startsWith('.') || name.startsWith(sep) || name.startsWith('file:') || /\.[cm]?[jt]s$/.test(name);
  if (!isFile) {
    const query = new URLSearchParams({ name, from: pathToFileURL(join(from, 'x')).href });
    return `${NAMED}?${query}`;
  }
  if (name.startsWith('file:')) return name;
  const path = resolve(from, name);
  if (!statSync(path, { throwIfNoEntry: false })?.isFile())
    throw new OwnComponentsError(`components: ${name}: there is no file ${path}; give the path of a .ts or .js file`);
  return pathToFileURL(path).href;
}

async function imported(name: string, specifier: string): Promise<object> {
  registerModuleHooks();
  try {
    return (await import(specifier)) as object;
  } catch (error) {
    throw new OwnComponentsError(`components: ${name} ${whyNot(error)}`, { cause: error });
  }
}

function whyNot(error: unknown): string {
  const { code, message, stack }: NodeJS.ErrnoException = error instanceof Error ? error : new Error(String(error));
  const said = message.split('\n').slice(0, MESSAGE_LINES).join('\n');
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'ERR_PACKAGE_PATH_NOT_EXPORTED')
    return `cannot be imported: ${said}; install the package there, and write file names in full (./part.ts)`;
  const at = /^ +at (?:.*\()?((?:file:|\/)[^()\s]+:\d+:\d+)/m.exec(stack ?? '')?.[1];
  return `cannot be imported: ${error instanceof Error ? error.name : 'it threw'}: ${said}${at ? ` (at ${at})` : ''}`;
}

/** What a module exports by name, by default or in lists, as far as it means to be a component. */
function componentsIn(name: string, module: object): Component[] {
  const exported = Object.values(module).flatMap(value => (Array.isArray(value) ? value : [value]));
  const found = [...new Set(exported)].filter(value => typeof value === 'object' && value !== null && 'hook' in value);
  if (found.length === 0)
    throw new OwnComponentsError(
      `components: ${name} exports no component; write \`export default defineComponent({…})\` (\`dj-sandbox new component\` writes a file to begin with)`,
    );
  return found as Component[];
}

function add(from: string, component: Component): void {
  const called =
    typeof component.name === 'string' && component.name !== '' ? component.name : 'a component without name';
  const fail = (problems: string[]) => {
    throw new OwnComponentsError(problems.map(problem => `components: ${from}: ${called}: ${problem}`).join('\n'));
  };
  const problems = componentProblems(component);
  if (problems.length > 0) fail(problems);
  const taken = collision(component, registry, each => sourceOf(each) ?? 'built in');
  if (taken !== null) fail([taken]);
  addComponent(component);
  sources.set(component.name, from);
}
