// What `npm pack` makes, unpacked into an empty folder as `npm install` would, with the packages that it depends on and no others.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageRoot } from '../../activities/runtime/paths.ts';

let root: string;
/** The user's folder. */
let app: string;

const run = (program: string, args: string[]) =>
  execa(program, args, { cwd: app, reject: false, env: { NO_COLOR: '1', npm_config_offline: 'true' } });

beforeAll(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'pack-')));
  app = join(root, 'app');
  const installed = join(app, 'node_modules', 'dj-sandbox');
  mkdirSync(join(app, 'node_modules', '.bin'), { recursive: true });
  mkdirSync(installed);
  // dist/ is there and new: `npm test` begins with building it.
  await execa('npm', ['pack', '--ignore-scripts', '--pack-destination', root], { cwd: packageRoot() });
  const [tarball] = readdirSync(root).filter(name => name.endsWith('.tgz'));
  await execa('tar', ['-xzf', join(root, tarball!), '--strip-components=1', '-C', installed]);
  const { bin } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { bin: Record<string, string> };
  for (const [name, file] of Object.entries(bin))
    symlinkSync(join('..', 'dj-sandbox', file), join(app, 'node_modules', '.bin', name));
  linkDependencies(join(root, 'node_modules'));
  writeFileSync(join(app, 'data.jsonl'), '{"text": "one"}\n');
  const job =
    '{hook: ProbeViaAnalyzerHook, meta_name: look, dj_configs: {dataset_path: data.jsonl, export_path: o.jsonl}}';
  writeFileSync(join(app, 'sandbox.yaml'), `work_dir: work\nprobe_job_configs: [${job}]\n`);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Where Node looks for them next; those for development only are left out. */
function linkDependencies(into: string): void {
  const { packages } = JSON.parse(readFileSync(join(packageRoot(), 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>;
  };
  for (const [path, { dev }] of Object.entries(packages)) {
    const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1];
    if (name === undefined || dev) continue;
    mkdirSync(dirname(join(into, name)), { recursive: true });
    symlinkSync(join(packageRoot(), path), join(into, name));
  }
}

it('has the command, which npx finds', async () => {
  const { stdout, exitCode } = await run('npx', ['--no-install', 'dj-sandbox', '--help']);
  expect(exitCode).toBe(0);
  expect(stdout).toContain('dj-sandbox validate --config sandbox.yaml');
});

const cli = (...args: string[]) => run(join(app, 'node_modules', '.bin', 'dj-sandbox'), args);

it('checks and plans a config there, with ops and hooks that it knows', async () => {
  expect(await cli('validate', '--config', 'sandbox.yaml')).toMatchObject({ stdout: 'sandbox.yaml is valid: 1 job' });
  const { stdout } = await cli('plan', '--config', 'sandbox.yaml', '--json');
  expect(JSON.parse(stdout).pipelines[0].stages[0].jobs).toMatchObject([
    { component: 'probe.analyzer', status: 'new' },
  ]);
});

it('gives `dj-sandbox` and its conformance suite to files of the user', async () => {
  const script = `import { defineComponent, z } from 'dj-sandbox';
import { conformance } from 'dj-sandbox/conformance';
import 'dj-sandbox/register';
const component = defineComponent({ name: 'own.x', hook: 'OwnHook', summary: 'X.', results: [], run: async () => ({ results: [] }) });
console.log(z.string().parse(component.name), conformance({ component, job: () => ({}) }).length);`;
  writeFileSync(join(app, 'own.mjs'), script);
  expect(await run(process.execPath, ['own.mjs'])).toMatchObject({ stderr: '', stdout: 'own.x 10' });
});

it('holds what runs and reads, and nothing of ours that is made, tested or secret', () => {
  const installed = join(app, 'node_modules', 'dj-sandbox');
  const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
  for (const needed of [
    'dist/workflow-bundle.js',
    'python/supervisor/supervisor.py',
    'python/locks/train.lock.txt',
    'temporal-dev.yaml',
  ])
    expect(files).toContain(needed);
  const wrong = files.filter(file =>
    /(^|\/)(\.sandbox|\.git|tests|outputs|__pycache__|node_modules|\.env)(\/|$)|\.pyc$/.test(file),
  );
  expect(wrong).toEqual([]);
  expect(files.map(file => basename(file))).not.toContain('package-lock.json');
});

it('sets up there what is not of npm: its own packages and dist/ are done', async () => {
  const bootstrap = join(app, 'node_modules', 'dj-sandbox', 'setup', 'bootstrap.mjs');
  expect(await run(process.execPath, [bootstrap, 'build'])).toMatchObject({
    stdout: 'Set-up: all is there.',
    exitCode: 0,
  });
});
