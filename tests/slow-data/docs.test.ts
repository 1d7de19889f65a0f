// The docs' command lines that need a server, on a real one: guides from top to bottom, those of other pages in a folder with what they name.
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { packageRoot, sandboxHome } from '../../activities/runtime/paths.ts';
import { type CommandLine, commandLines } from '../support/docs/command-lines.ts';
import { GUIDES, howRun } from '../support/docs/how-run.ts';
import { blocksOf, page, pages } from '../support/docs/pages.ts';
import { type RealSandbox, startRealSandbox } from '../support/real-sandbox.ts';
import { makeTexts } from '../support/text-dataset.ts';

let sandbox: RealSandbox;
let world: string;

beforeAll(async () => {
  sandbox = await startRealSandbox('cpu, gpu');
  const bin = join(sandbox.folder, 'bin');
  mkdirSync(bin);
  symlinkSync(join(packageRoot(), 'dist', 'client', 'main.js'), join(bin, 'dj-sandbox'));
  symlinkSync(join(sandboxHome(), 'bin', 'temporal'), join(bin, 'temporal'));
  writeFileSync(join(bin, 'npx'), '#!/bin/sh\nexec "$@"\n');
  chmodSync(join(bin, 'npx'), 0o755);
  world = join(sandbox.folder, 'world');
  mkdirSync(world);
  const write = (name: string, text: string) => writeFileSync(join(world, name), text);
  await makeTexts(join(world, 'texts.jsonl'), 60);
  for (const [name, text] of Object.entries(FILES)) write(name, text);
  write('failing.yaml', `on_failure: wait\n${FILES['sandbox.yaml'].replace('lr: 0.5', 'lr: 5')}`);
});
afterAll(() => sandbox?.stop());

/** Runs shell text as a user would who has installed the command. */
async function shell(text: string, cwd: string) {
  const env = {
    PATH: [join(sandbox.folder, 'bin'), process.env.PATH].join(delimiter),
    TEMPORAL_ADDRESS: sandbox.address,
    NO_COLOR: '1',
  };
  return await execa('bash', ['-euc', text], { cwd, env, reject: false, all: true });
}

async function json(command: string, cwd: string) {
  return JSON.parse((await shell(`dj-sandbox ${command} --json`, cwd)).stdout);
}

describe.sequential.each(GUIDES)('%s', guide => {
  /** What a clone looks like from a shell in it. */
  let clone: string;

  beforeAll(() => {
    clone = join(sandbox.folder, 'clone');
    mkdirSync(clone);
    for (const name of ['docs', 'ARCHITECTURE.md', 'package.json', 'setup', 'dist', 'node_modules', '.sandbox'])
      symlinkSync(join(packageRoot(), name), join(clone, name));
  });

  test('runs from top to bottom', async () => {
    const others = new Set(commandLines(page(guide)).flatMap(line => (howRun(line) === 'guide' ? [] : [line.text])));
    const blocks = blocksOf(page(guide)).filter(({ language }) => language === 'sh');
    const script = blocks.map(({ text }) => (others.has(text.trim()) ? '' : text)).join('\n');
    const { exitCode, all } = await shell(script, clone);
    expect(exitCode, all).toBe(0);
  });

  test('comes to what it says: fewer special characters make a better model, and the sweep finds one that is better than with all', async () => {
    const mine = join(clone, 'mine');
    const bits = async (id: string) => (await json(`status ${id}`, mine)).result.metrics['score.bits'];
    expect(await bits('prose')).toBeLessThan(await bits('everything'));
    const { trials } = await json('sweep leaderboard which-texts', mine);
    expect(trials).toHaveLength(12);
    expect(trials[0].objective).toBeLessThan(await bits('everything'));
    expect(readFileSync(join(mine, 'best.yaml'), 'utf8')).toContain('special_characters_filter');
  });
});

describe.sequential('lines of other pages', () => {
  const LINES = pages()
    .flatMap(commandLines)
    .filter(line => howRun(line) === 'real');
  let begunSweeps = 0;

  /** A line with the names of this world. */
  function here({ page: path, text }: CommandLine): string {
    let typed = path === 'docs/by-hand.md' ? text.replaceAll('my-run', 'waits') : text;
    for (const [theirs, ours] of NAMES) typed = typed.replaceAll(theirs, ours);
    if (/ study start /.test(typed)) return `${typed} --id my-study`;
    return / sweep start /.test(typed) && begunSweeps++ === 0 ? `${typed} --id my-sweep` : typed;
  }

  test.each(LINES.map(line => [`${line.page}:${line.line}: ${line.text}`, line] as const))('%s', async (_, line) => {
    if (/ set my-run /.test(line.text)) await trialThatWaits();
    const typed = here(line);
    const cwd = typed.startsWith('npm ') ? packageRoot() : world;
    const { exitCode, all } = await shell(typed, cwd);
    expect(exitCode, all).toBe(0);
    const started = /--workflow-id (\S+)/.exec(typed)?.[1];
    if (started) expect((await shell(`dj-sandbox watch ${started}`, world)).exitCode).toBe(0);
  });

  /** Trial `waits`: its training has failed and waits for a decision. */
  async function trialThatWaits(): Promise<void> {
    expect((await shell('dj-sandbox run --config failing.yaml --id waits --detach', world)).exitCode).toBe(0);
    await vi.waitFor(async () => expect((await json('status waits', world)).state).toBe('waiting'), {
      timeout: 300_000,
      interval: 1_000,
    });
  }
});

/** Names in the docs, and what they are here. */
const NAMES: readonly [RegExp, string][] = [
  [/clips-and-learning-rate\.trial-7/g, 'my-sweep.trial-1'],
  [/clips-and-learning-rate\.trial-3/g, 'my-sweep.trial-2'],
  [/train_lora/g, 'train'],
  [/extra_configs\.train\.training_config\.learning_rate=\S+/g, 'extra_configs.parameters.lr=0.25'],
  [/extra_configs\.train\.training_config\.seed/g, 'extra_configs.parameters.seed'],
];

/** What the docs call so. */
const FILES = {
  'recipe.yaml': `dataset_path: texts.jsonl
export_path: outputs/kept.jsonl
process:
  - text_length_filter: {min_len: 1}
`,
  'sandbox.yaml': `project_name: p
experiment_name: e
work_dir: outputs
execution_job_configs:
  - {hook: ProcessDataHook, meta_name: process, dj_configs: recipe.yaml, output: kept}
  - hook: TrainModelHook
    meta_name: train
    input: {extra_configs.dataset: -1.kept}
    resources: {tag: cpu, gpus: 0}
    extra_configs:
      type: command
      argv: [python3, train.py, '{dataset}', '{output}', '{lr}', '{seed}']
      parameters: {lr: 0.5, seed: 1}
      log: key-value
`,
  'train.py': `import sys
data, folder, lr, seed = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
if lr > 1:
    sys.exit("the learning rate is too high")
samples = sum(1 for _ in open(data))
for step in range(1, 6):
    print(f"step={step}/5 loss={(1 + seed % 7 / 100) / (step + lr + samples / 1000)}", flush=True)
open(folder + "/model", "w").write("weights")
`,
  'sweep.yaml': `method: random
metric: {name: train.last_loss, goal: minimize}
run_cap: 2
parameters:
  train.extra_configs.parameters.lr: {min: 0.1, max: 0.9}
  text_length_filter.min_len: {values: [1, 20]}
`,
  'pool-study.yaml': `recipe: recipe.yaml
dataset: process.dj_configs.dataset_path
seed: train.extra_configs.parameters.seed
seeds: [1, 2]
combine: 0
repeat: []
metric: {name: train.last_loss, goal: minimize}
`,
} as const;
