// The commands that show things, in real terminals: a trial with names and logs that would wreck one, while it runs, when it has ended, and when
// its server is gone.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import stringWidth from 'string-width';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { packageRoot } from '../../activities/runtime/paths.ts';
import { type RealSandbox, startRealSandbox } from '../support/real-sandbox.ts';
import { noTmux, openTerminal } from '../support/tmux.ts';

const MAIN = join(packageRoot(), 'dist', 'client', 'main.js');
/** Nothing listens there. */
const NO_SERVER = '127.0.0.1:1';
const NAME = `🎬 <script>alert("x")</script> 'quoted' 分析原始数据 ${'n'.repeat(2000)}`;
const PROGRAM = `
printf '\\033[2J\\033[1;1H\\033]0;taken over\\007begins \\007 \\342\\200\\256 中文 🎬 <script>\\n'
for step in 1 2 3 4 5 6 7 8 9 10; do echo "step=$step/20 loss=0.$step"; done
printf 'half a bar\\r'
until [ -e "$1" ]; do sleep 0.1; done
echo "step=11/20 loss=nan"
echo "step=20/20 loss=0.125"
echo model > "$2/model"
echo "the end"
`;

let sandbox: RealSandbox;
let go: string;
const WAIT = { timeout: 120_000, interval: 500 };

beforeAll(async () => {
  sandbox = await startRealSandbox('cpu');
  const { folder } = sandbox;
  go = join(folder, 'go');
  writeFileSync(join(folder, 'train.sh'), PROGRAM);
  const config = {
    project_name: 'p',
    experiment_name: 'e',
    work_dir: join(folder, 'work'),
    execution_job_configs: [
      {
        hook: 'TrainModelHook',
        meta_name: NAME,
        resources: { tag: 'cpu', gpus: 0 },
        extra_configs: {
          type: 'command',
          argv: ['sh', 'train.sh', go, '{output}', '{lr}'],
          cwd: folder,
          parameters: { lr: 1 },
          log: 'key-value',
          fail_on_nan: false,
        },
      },
    ],
  };
  writeFileSync(join(folder, 'sandbox.yaml'), JSON.stringify(config));
  const started = await cli('run', '--config', 'sandbox.yaml', '--id', 'wild', '--detach');
  expect(started).toMatchObject({ exitCode: 0 });
  await vi.waitFor(async () => expect((await cli('logs', 'wild')).stdout).toContain('step=10/20'), WAIT);
});
afterAll(async () => {
  writeFileSync(go, '');
  await sandbox?.stop();
});

const env = (address = sandbox.address) => ({ TEMPORAL_ADDRESS: address, NO_COLOR: '1' });

async function cli(...args: string[]) {
  return await execa(process.execPath, [MAIN, ...args], { cwd: sandbox.folder, env: env(), reject: false });
}

async function withoutServer(...args: string[]) {
  const options = { cwd: sandbox.folder, env: env(NO_SERVER), reject: false } as const;
  return await execa(process.execPath, [MAIN, ...args], options);
}

/** Opens a terminal, waits until it shows `words`, and returns all that it shows. */
async function seen(command: string, columns: number, words: string | RegExp, more: Record<string, string> = {}) {
  const terminal = await openTerminal(`"${process.execPath}" "${MAIN}" ${command}`, {
    columns,
    cwd: sandbox.folder,
    env: { ...env(), ...more },
  });
  try {
    await vi.waitFor(async () => expect(await terminal.shown()).toMatch(words), WAIT);
    return { text: await terminal.shown(), coloured: await terminal.shown({ escapes: true }) };
  } finally {
    await terminal.close();
  }
}

function expectFits(text: string, columns: number): void {
  for (const line of text.split('\n')) expect(stringWidth(line), line).toBeLessThanOrEqual(columns);
}

describe.sequential('while it runs', () => {
  test.for([40, 200])('watch has a bar, the loss and one line a job in %i columns', async (columns, context) => {
    const why = await noTmux();
    if (why) return context.skip(why);
    const { text, coloured } = await seen('watch wild', columns, '10/20');
    expectFits(text, columns);
    expect(text.split('\n').filter(line => line.includes('10/20'))).toHaveLength(1);
    expect(coloured).not.toContain('\u001b[3');
    if (columns === 200) {
      expect(text).toMatch(/█+░+ 10\/20 +loss 0\.1/);
      expect(text).toContain('🎬 <script>');
    }
  });

  test('logs -f shows what a program writes and does nothing else that it says; it ends with the trial', async context => {
    const why = await noTmux();
    if (why) return context.skip(why);
    const terminal = await openTerminal(`echo kept; "${process.execPath}" "${MAIN}" logs wild -f --lines 100`, {
      columns: 80,
      cwd: sandbox.folder,
      env: env(),
    });
    try {
      await vi.waitFor(async () => expect(await terminal.shown()).toContain('half a bar'), WAIT);
      const text = await terminal.shown();
      expect(text).toMatch(/^kept\nbegins {3}中文 🎬 <script>\nstep=1\/20 loss=0\.1\n/m);
      writeFileSync(go, '');
      await vi.waitFor(async () => expect(await terminal.shown()).toContain('[exit 0]'), WAIT);
      expect(await terminal.shown()).toMatch(
        /step=10\/20 loss=0\.10\n(half a bar\n)?step=11\/20 loss=nan\n.*\nthe end\n/,
      );
    } finally {
      writeFileSync(go, '');
      await terminal.close();
    }
  });
});

describe.sequential('when it has ended', () => {
  beforeAll(async () => {
    writeFileSync(go, '');
    await vi.waitFor(
      async () => expect(JSON.parse((await cli('status', 'wild', '--json')).stdout).state).toBe('done'),
      WAIT,
    );
    const config = readFileSync(join(sandbox.folder, 'sandbox.yaml'), 'utf8').replace('"lr":1', '"lr":2');
    writeFileSync(join(sandbox.folder, 'other.yaml'), config);
    expect((await cli('run', '--config', 'other.yaml', '--id', 'other', '--json')).exitCode).toBe(0);
    expect((await cli('run', '--config', 'sandbox.yaml', '--id', 'again', '--json')).exitCode).toBe(0);
  });

  test('explain tells of attempts by the server: what ran, why, and what was found done', async () => {
    const other = JSON.parse((await cli('explain', 'other', '--json')).stdout);
    expect(other).toMatchObject({ state: 'done', jobs: [{ state: 'done', madeBy: 'other' }] });
    expect(other.jobs[0].because[0]).toMatch(/it is not the one of trial wild: .*parameters\.lr is 2, not 1$/);
    const again = JSON.parse((await cli('explain', 'again', '--json')).stdout);
    expect(again.jobs).toMatchObject([{ state: 'reused', madeBy: 'wild' }]);
  });

  test('colours are there in a terminal, and gone with NO_COLOR', async context => {
    const why = await noTmux();
    if (why) return context.skip(why);
    const { coloured, text } = await seen('diff wild other', 200, /\[exit 0\]/, { NO_COLOR: '' });
    expect(coloured).toContain('\u001b[31m');
    expectFits(text, 200);
    expect((await seen('diff wild other', 40, /\[exit 0\]/)).coloured).not.toContain('\u001b[31m');
  });
});

describe.sequential('when its server is gone', () => {
  test('logs go to a pipe as they were written', async () => {
    const { stdout, exitCode } = await withoutServer('logs', 'wild', '--lines', '1000');
    expect(stdout).toContain('\u001b[2J\u001b[1;1H');
    expect(stdout.endsWith('the end')).toBe(true);
    expect(exitCode).toBe(0);
  });

  test('metrics have all points, NaN as such', async () => {
    const { stdout } = await withoutServer('metrics', 'wild', '--csv');
    expect(stdout).toMatch(/,loss,11,[^,]+,NaN$/m);
    expect(stdout).toMatch(/,loss,20,[^,]+,0\.125$/m);
  });

  test('diff, status, explain and completion work; an id that is not there gets the nearest, and exit code 1 as nobody can be sure', async () => {
    const { stdout } = await withoutServer('diff', 'wild', 'other', '--json');
    expect(JSON.parse(stdout).jobs[0].differences).toContainEqual({
      section: 'config',
      name: 'extra_configs.parameters.lr',
      a: 1,
      b: 2,
    });
    expect((await withoutServer('status', 'again')).stdout).toContain('1 job: 1 found done');
    const explained = await withoutServer('explain', 'again');
    expect(explained.stdout).toContain('found done: trial wild made it');
    expect(explained.stderr).toContain('note: from the files alone, without attempts: no Temporal server answers');
    expect((await withoutServer('__complete', '--', 'logs', 'wi')).stdout).toBe('none\nwild\ttrial');
    const missing = await withoutServer('logs', 'wold');
    expect(missing.stderr).toContain('did you mean wild?');
    expect(missing.exitCode).toBe(1);
  });
});
