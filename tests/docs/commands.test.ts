// Every command line of the docs: that the command knows it, that somebody said how it is run, and those that need no server are run here.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../activities/runtime/paths.ts';
import { type CommandLine, commandLines, mentions, strayCommands, wrongWith } from '../support/docs/command-lines.ts';
import { howRun, isThere } from '../support/docs/how-run.ts';
import { pages } from '../support/docs/pages.ts';

const PAGES = pages();
const LINES = PAGES.flatMap(commandLines);
const where = ({ page, line, text }: CommandLine) => `${page}:${line}: ${text}`;

test('there are some, on many pages', () => {
  expect(LINES.length).toBeGreaterThan(20);
  expect(new Set(LINES.map(({ page }) => page)).size).toBeGreaterThan(4);
});

test('every line is run by a test that is there: here, in tests/slow-data/docs, or where support/docs/how-run.ts says', () => {
  expect(LINES.filter(line => howRun(line) === undefined).map(where)).toEqual([]);
  expect(LINES.filter(line => !isThere(howRun(line)!)).map(where)).toEqual([]);
});

test('the command knows every command, argument and option that a page names', () => {
  const all = [...LINES, ...PAGES.flatMap(mentions)];
  expect(all.flatMap(line => (wrongWith(line.text) ? [`${where(line)}: ${wrongWith(line.text)}`] : []))).toEqual([]);
});

test('commands stand in blocks that say that they are: `sh`, or `console` with what comes of them', () => {
  expect(PAGES.flatMap(strayCommands)).toEqual([]);
});

test.each([
  ['npx dj-sandbox validat --config x.yaml', 'there is no command validat'],
  ['npx dj-sandbox validate --confg x.yaml', 'validate has no option --confg'],
  ['dj-sandbox sweep strt', 'there is no command strt in sweep'],
  ['dj-sandbox status a b', 'b is one argument too many'],
  ['dj-sandbox completion tcsh >> x', 'tcsh is none of bash, zsh, fish'],
  ['dj-sandbox worker --tags', "option '--tags <tags>' argument missing"],
  ['npm run demoo', 'package.json has no script demoo'],
  ['npm run demo -- --txt', 'demo has no option --txt'],
])('a typo is noticed: %s', (text, words) => {
  expect(wrongWith(text)).toContain(words);
});

test('a line that nobody said how to run is noticed', () => {
  expect(howRun({ page: 'docs/x.md', line: 1, text: 'npx dj-sandbox frobnicate' })).toBeUndefined();
  expect(howRun({ page: 'docs/x.md', line: 1, text: 'rm -rf outputs' })).toBeUndefined();
});

describe('what needs no server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'docs-commands-'));
  const bin = join(folder, '.bin');
  const lines = new Map(LINES.filter(line => howRun(line) === 'here').map(line => [line.text, line]));

  beforeAll(() => {
    mkdirSync(bin);
    symlinkSync(join(packageRoot(), 'dist', 'client', 'main.js'), join(bin, 'dj-sandbox'));
    writeFileSync(join(bin, 'npx'), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 });
    const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
    mkdirSync(join(folder, '.zfunc'));
    mkdirSync(join(folder, '.config/fish/completions'), { recursive: true });
    write('data.jsonl', '{"text": "one two three"}\n{"text": "four"}\n');
    write('sandbox.yaml', SANDBOX);
    write('sweep.yaml', SWEEP);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([...lines].map(([text, line]) => [where(line), text]))('%s', async (_, text) => {
    const env = {
      PATH: [bin, process.env.PATH].join(delimiter),
      HOME: folder,
      NO_COLOR: '1',
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      DJ_SANDBOX_ENVIRONMENTS: join(folder, 'environments'),
    };
    const ended = await execa('bash', ['-c', text], { cwd: folder, env, reject: false });
    expect(ended.stderr).toBe('');
    expect(ended.exitCode).toBe(0);
  });

  test('has written what it says', () => {
    expect(readFileSync(join(folder, '.bashrc'), 'utf8')).toContain('complete');
  });
});

const SANDBOX = `project_name: p
experiment_name: e
work_dir: ./work
hpo_config: sweep.yaml
probe_job_configs:
  - hook: ProbeViaAnalyzerHook
    meta_name: look
    dj_configs: {dataset_path: data.jsonl, export_path: ./work/out.jsonl, process: [{text_length_filter: {min_len: 1}}]}
`;
const SWEEP = `method: random
metric: {name: look.text_len.mean, goal: maximize}
run_cap: 3
parameters: {text_length_filter.min_len: {min: 1, max: 100}}
`;
