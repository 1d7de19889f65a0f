// docs/components.md as the code and the tests have it; `npm run docs:components` writes it.
import { registry } from '../../activities/components.ts';
import type { ComponentUnderTest } from '../../activities/own/conformance/index.ts';
import { componentView } from '../../client/components-view.ts';
import { configKeys } from '../../client/config-keys.ts';
import type { ComponentSpec } from '../../plan/component.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { EVIDENCE } from './component-evidence.ts';
import { PLAYED, QUICK, WITH_PROGRAMS } from './component-jobs/index.ts';

const PARTS: Record<string, () => string> = { components: componentsTable, keys: keysOfAll };

/**
 * The page with the parts between its marks `<!-- begin … -->` and `<!-- end … -->` written anew; the prose around them stays.
 * @throws Error where a mark is not there.
 */
export function componentsPage(page: string): string {
  return Object.entries(PARTS).reduce((text, [name, made]) => {
    const [begin, end] = [`<!-- begin ${name}: written by npm run docs:components -->`, `<!-- end ${name} -->`];
    const [before, rest] = text.split(begin);
    const after = rest?.split(end)[1];
    if (before === undefined || after === undefined)
      throw new Error(`docs/components.md needs the lines ${begin} and ${end}`);
    return `${before}${begin}\n${made()}\n${end}${after}`;
  }, page);
}

function componentsTable(): string {
  return table(
    ['hook', 'type', 'component', 'here', 'test', 'conformance'],
    byHook().map(spec => [spec.hook, code(spec.type), code(spec.name), ...triedOut(spec), conformanceOf(spec)]),
  );
}

/** All components, those of a hook one after another. */
function byHook(): ComponentSpec[] {
  const hooks = [...new Set(registry.map(({ hook }) => hook))];
  return hooks.flatMap(hook => registry.filter(spec => spec.hook === hook));
}

/** What ran here, and the test of it. */
function triedOut({ name, notRunnable }: ComponentSpec): [string, string] {
  if (notRunnable !== undefined) return ['not run', ''];
  const { here = '', test = '' } = EVIDENCE[name] ?? {};
  return [here, test];
}

function conformanceOf({ name }: ComponentSpec): string {
  const isIn = (jobs: readonly ComponentUnderTest[]) => jobs.some(({ component }) => component.name === name);
  if (isIn(QUICK)) return 'npm test';
  if (isIn(WITH_PROGRAMS)) return 'test:slow-data';
  return isIn(PLAYED) ? 'test:slow-data, player' : '';
}

function keysOfAll(): string {
  return byHook().map(keysOf).join('\n\n');
}

/** A component's heading, what it is, and a table of the keys of its configs. */
function keysOf(spec: ComponentSpec): string {
  const { name, summary, tag, gpus, results, config } = componentView(spec, { from: null, runs: true });
  const queue = `Queue \`${tag}\`${gpus > 0 ? `, ${gpus} GPU` : ''}.`;
  const given = results.length === 0 ? '' : ` Results: ${results.map(code).join(', ')}.`;
  const rows = [...rowsOf('dj_configs.', config.dj_configs), ...rowsOf('', config.extra_configs)];
  const about = `${summary[0]?.toUpperCase()}${summary.slice(1).replace(/\.$/, '')}. ${queue}${given}`;
  return [`### ${name}`, about, ...(rows.length === 0 ? [] : ['', table(['key', 'type', 'default', ''], rows)])].join(
    '\n',
  );
}

function rowsOf(prefix: string, schema: JsonObject | null): string[][] {
  return configKeys(schema)
    .filter(({ key }) => key !== 'type')
    .map(({ key, required, type, standard, about }) => [
      code(`${prefix}${key}`),
      type,
      standard === null ? (required ? 'required' : '') : code(standard),
      about ?? '',
    ]);
}

const code = (text: string | undefined): string => (text === undefined || text === '' ? '' : `\`${text}\``);

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `|${cells.map(cell => (cell === '' ? ' ' : ` ${cell.replaceAll('|', '\\|').replaceAll('\n', ' ')} `)).join('|')}|`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
