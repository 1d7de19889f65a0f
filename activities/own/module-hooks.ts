// Node's module hooks (`module.register`): a user's TypeScript is compiled as it is loaded, and `dj-sandbox` means this package wherever their files are.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Scheme of what `lookUp` (load.ts) asks for: a name, and the folder that it is looked up from. */
export const NAMED = 'dj-sandbox-named:';

const own = (path: string) => new URL(`${path}${extname(import.meta.url)}`, import.meta.url).href;
/** The package's own exports, as package.json has them. */
const OWN: Record<string, string> = {
  'dj-sandbox': own('./index'),
  'dj-sandbox/conformance': own('./conformance/index'),
};
const TYPESCRIPT = /\.m?ts$/;

interface Resolved {
  url: string;
  format?: string | null;
  shortCircuit?: boolean;
}
interface ResolveContext {
  parentURL?: string;
}
interface Loaded {
  format: string;
  source?: string;
  shortCircuit?: boolean;
}

/** @see https://nodejs.org/api/module.html#resolvespecifier-context-nextresolve */
export async function resolve(
  specifier: string,
  context: ResolveContext,
  next: (specifier: string, context: ResolveContext) => Promise<Resolved>,
): Promise<Resolved> {
  const url = Object.hasOwn(OWN, specifier) ? OWN[specifier] : undefined;
  if (url !== undefined) return { url, shortCircuit: true };
  if (!specifier.startsWith(NAMED)) return await next(specifier, context);
  const { searchParams } = new URL(specifier);
  return await next(searchParams.get('name') ?? '', { ...context, parentURL: searchParams.get('from') ?? '' });
}

/** @see https://nodejs.org/api/module.html#loadurl-context-nextload */
export async function load(
  url: string,
  context: object,
  next: (url: string, context: object) => Promise<Loaded>,
): Promise<Loaded> {
  if (!url.startsWith('file:') || !TYPESCRIPT.test(new URL(url).pathname)) return await next(url, context);
  return { format: 'module', source: compiled(fileURLToPath(url)), shortCircuit: true };
}

/** By the compiler that Temporal's worker bundles workflows with: Node itself reads TypeScript only since 22.18, and not in packages. */
function compiled(file: string): string {
  const { transformSync } = createRequire(import.meta.url)('@swc/core') as typeof import('@swc/core');
  const { code } = transformSync(readFileSync(file, 'utf8'), {
    filename: file,
    swcrc: false,
    sourceMaps: 'inline',
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
  });
  return code;
}
