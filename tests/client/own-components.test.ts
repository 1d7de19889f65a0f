// A user's own components through the compiled package, outside its folder, as users have them.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { packageRoot } from '../../activities/runtime/paths.ts';
import { newComponent } from '../../client/new-component.ts';

const OWN = join(packageRoot(), 'dist', 'activities', 'own');
const MAIN = join(packageRoot(), 'dist', 'client', 'main.js');
/** Loads each file by itself in one process, and tells names of components or what was wrong. */
const LOADER = `
import { loadOwnComponents, sourceOf } from '${pathToFileURL(join(OWN, 'load.js')).href}';
import { registry } from '${pathToFileURL(join(OWN, '..', 'components.js')).href}';
const told = {};
for (const name of process.argv.slice(1)) {
  const error = await loadOwnComponents([name], process.cwd()).then(() => null, error => error);
  told[name] = error ? \`\${error.name}: \${error.message}\` : registry.filter(spec => sourceOf(spec.name) === name).map(spec => spec.name);
}
console.log(JSON.stringify(told));`;
let folder: string;

async function cli(args: string[], env: Record<string, string> = {}) {
  const named = {
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    TEMPORAL_PROFILE: '',
    TEMPORAL_CONFIG_FILE: '',
    NO_COLOR: '1',
    ...env,
  };
  return await execa(process.execPath, [MAIN, ...args], { cwd: folder, reject: false, env: named });
}

async function loaded(...names: string[]): Promise<Record<string, string | string[]>> {
  const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', LOADER, ...names], { cwd: folder });
  return JSON.parse(stdout);
}

function write(name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'own-')));
  write('data.jsonl', '{"text": "one two three"}\n{"text": "four"}\n');
  write(
    'sandbox.yaml',
    `work_dir: work
evaluation_job_configs:
  - {hook: EvaluateDataHook, meta_name: words, extra_configs: {type: word_count, dataset_path: data.jsonl}}
`,
  );
  const made = await cli(['new', 'component', 'word-count']);
  expect(made.stderr).toBe('');
  expect(made.stdout).toContain('node --import dj-sandbox/register --test word-count.test.ts');
});
afterAll(() => rmSync(folder, { recursive: true }));

const USES = ['--components', './word-count.ts'];

describe('dj-sandbox new component', () => {
  it('writes a component that configs can name', async () => {
    const plan = await cli(['plan', '--config', 'sandbox.yaml', '--json', ...USES]);
    expect(plan.stderr).toBe('');
    const [job] = JSON.parse(plan.stdout).pipelines[0].stages[0].jobs;
    expect(job).toMatchObject({ component: 'evaluate.word-count', type: 'word_count', tag: 'cpu' });
  });

  it('writes a test that passes, with the conformance suite', async () => {
    const runner = ['--import', join(OWN, 'register.js'), '--test', '--test-reporter=tap', 'word-count.test.ts'];
    const env = { DJ_SANDBOX_STATE: join(folder, 'state') };
    const ran = await execa(process.execPath, runner, { cwd: folder, reject: false, env });
    expect(ran.stdout).toMatch(/^# fail 0$/m);
    expect(ran.stdout).toMatch(/^# pass 11$/m);
    expect(ran.exitCode).toBe(0);
  });

  it.each([
    ['word-count', {}, 'word-count.ts is there already'],
    ['mse', {}, 'there is a component evaluate.mse already (built in)'],
    ['Word Count', {}, 'expected small letters, digits and dashes'],
    ['x', { hook: 'ProcessDataHook' }, 'ProcessDataHook always runs process.data-juicer'],
    ['x', { hook: 'My Hook' }, '--hook My Hook: expected letters and digits'],
  ])('refuses %s %j', async (name, change, words) => {
    await expect(newComponent(name, { hook: 'EvaluateDataHook', dir: folder, ...change })).rejects.toThrow(words);
  });

  it("writes one for a hook of one's own, which needs no type", async () => {
    await newComponent('tidy', { hook: 'TidyHook', dir: join(folder, 'more') });
    write('tidy.yaml', 'execution_job_configs: [{hook: TidyHook, extra_configs: {dataset_path: data.jsonl}}]\n');
    const { stdout, stderr } = await cli(['validate', '--config', 'tidy.yaml', '--components', './more/tidy.ts']);
    expect(stderr).toBe('');
    expect(stdout).toBe('tidy.yaml is valid: 1 job');
  });
});

test('without the component its type is unknown; with it, its config is checked by its own schema', async () => {
  const unknown = await cli(['validate', '--config', 'sandbox.yaml']);
  expect(unknown.stderr).toMatch(/sandbox\.yaml:3:\d+ .*unknown type "word_count" of EvaluateDataHook/);
  const set = ['--set', 'words.extra_configs.text_key=3'];
  const wrong = await cli(['validate', '--config', 'sandbox.yaml', ...USES, ...set]);
  expect(wrong.stderr).toContain('expected a string, got 3');
  expect(wrong.exitCode).toBe(2);
});

test('temporal-dev.yaml names them for workers and commands, relative to itself: files, and packages beside it', async () => {
  const server = 'server: {ip: 127.0.0.1}\ndatabase: {file: dev.db}\nworkers: [{name: c, kind: control}]\n';
  write('deploy/dev.yaml', `${server}components: [../word-count.ts, '@acme/components']\n`);
  write('deploy/node_modules/@acme/components/package.json', '{"type": "module", "exports": {"import": "./main.js"}}');
  write(
    'deploy/node_modules/@acme/components/main.js',
    `import { defineComponent, z } from 'dj-sandbox';
export const components = ['a', 'b'].map(type => defineComponent({
  name: 'acme.' + type, hook: 'AcmeHook', type, summary: 'Of Acme.', results: [],
  config: { extra: z.object({ type: z.literal(type), k: z.number().default(3).describe('how many') }) },
  run: async () => ({ results: [] }),
}));\n`,
  );
  const env = { DJ_SANDBOX_DEV: join(folder, 'deploy', 'dev.yaml') };
  expect((await cli(['validate', '--config', 'sandbox.yaml'], env)).stdout).toBe('sandbox.yaml is valid: 1 job');
  const { stdout } = await cli(['components', '--json'], env);
  const listed = JSON.parse(stdout) as { name: string; from: string | null; config: { extra_configs: object } }[];
  expect(listed.filter(({ from }) => from !== null).map(({ name, from }) => [name, from])).toEqual([
    ['evaluate.word-count', '../word-count.ts'],
    ['acme.a', '@acme/components'],
    ['acme.b', '@acme/components'],
  ]);
  expect(listed.at(-1)!.config.extra_configs).toMatchObject({
    type: 'object',
    properties: { type: { const: 'b' }, k: { type: 'number', default: 3, description: 'how many' } },
    required: ['type'],
  });
});

/** A component, as a file of the user's; `change` over the usual. */
const file = (change: string) => `import { defineComponent } from 'dj-sandbox';
export default { ...defineComponent({ name: 'own.x', hook: 'OwnHook', summary: 'X.', results: [], run: async () => ({ results: [] }) }), ${change} };\n`;

describe('a file that cannot be used', () => {
  const CASES: Record<string, [text: string | null, words: string[]]> = {
    './gone.ts': [null, ['components: ./gone.ts: there is no file', 'give the path of a .ts or .js file']],
    '@acme/none': [null, ["components: @acme/none cannot be imported: Cannot find package '@acme/none'"]],
    './throws.ts': [
      "const port: number = 1;\nthrow new Error('no licence found');\n",
      ['./throws.ts cannot be imported: Error: no licence found', '/throws.ts:2:'],
    ],
    './syntax.ts': ['export default {\n  name: ,\n};\n', ['./syntax.ts cannot be imported:', 'name: ,']],
    './needs.ts': [
      "import 'no-such-package-here';\n",
      ["Cannot find package 'no-such-package-here'", 'install the package there'],
    ],
    './part.ts': ["import './other';\n", ['cannot be imported', 'write file names in full (./part.ts)']],
    './nothing.ts': [
      'export const answer = 42;\n',
      ['exports no component; write `export default defineComponent({…})`'],
    ],
    './name.ts': [
      file("name: 'evaluate.mse'"),
      ['./name.ts: evaluate.mse: there is a component evaluate.mse already (built in)'],
    ],
    './type.ts': [
      file("hook: 'EvaluateDataHook', type: 'mse'"),
      ['type "mse" of EvaluateDataHook is evaluate.mse already (built in)'],
    ],
    './hook.ts': [file("hook: 'ProcessDataHook'"), ['ProcessDataHook always runs process.data-juicer']],
    './shape.ts': [
      file("version: 'one', summary: ''"),
      ['own.x: version: expected a whole number of at least 1\n', 'own.x: summary: is empty'],
    ],
  };
  let told: Record<string, string | string[]>;
  beforeAll(async () => {
    for (const [name, [text]] of Object.entries(CASES)) if (text !== null) write(name, text);
    told = await loaded(...Object.keys(CASES));
  });

  it.each(Object.entries(CASES))('%s is told with what, where, and what would be right', (name, [, words]) => {
    expect(told[name]).toMatch(/^OwnComponentsError: /);
    for (const each of words) expect(told[name]).toContain(each);
    expect(told[name]).not.toMatch(/^ +at /m);
  });

  it.each([
    ['validate', '--config', 'sandbox.yaml'],
    ['worker', '--tags', 'cpu'],
  ])('ends %s with 2 before anything else is done', async (...args) => {
    const { exitCode, stderr, stdout } = await cli([...args, '--components', './throws.ts']);
    expect(stderr).toMatch(/^dj-sandbox: components: \.\/throws\.ts cannot be imported: Error: no licence found/);
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
  });
});

test('TypeScript beyond erasable types runs, other files too; a name that two files give is told with the first one', async () => {
  write(
    'lib/kinds.ts',
    'export enum Kind { Small = "small" }\nexport class Named { constructor(readonly hook: string) {} }\n',
  );
  write(
    'enum.ts',
    `import { defineComponent, type JobRun } from 'dj-sandbox';
import { Kind, Named } from './lib/kinds.ts';
const same = (run: JobRun) => run;
export default defineComponent({
  name: \`own.\${Kind.Small}\`, hook: new Named('EnumHook').hook, summary: 'E.', results: [],
  run: async run => ({ results: [], notes: [same(run as never).job.id] }),
});\n`,
  );
  write('twice.ts', file("name: 'own.small'"));
  const told = await loaded('./enum.ts', './twice.ts');
  expect(told['./enum.ts']).toEqual(['own.small']);
  expect(told['./twice.ts']).toContain('./twice.ts: own.small: there is a component own.small already (./enum.ts)');
});
