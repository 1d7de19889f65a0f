// The compiled command against a real server, its workers started one after another as the tests need them.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { packageRoot } from '../../activities/runtime/paths.ts';
import { uiApp } from '../../client/ui/app.ts';
import { AskedServer } from '../../client/ui/asked-server.ts';
import { placeOf } from '../../client/ui/places.ts';
import { Runs } from '../../client/ui/runs.ts';
import { parseDevConfig } from '../../workers/dev-config.ts';
import { type DevServer, startDevServer } from '../../workers/dev-server.ts';
import { freePorts } from '../support/free-ports.ts';

const MAIN = join(packageRoot(), 'dist', 'client', 'main.js');
let folder: string;
let server: DevServer;
const workers: ChildProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dj-client-'));
  const [port] = await freePorts(1);
  const config = parseDevConfig(
    join(folder, 'temporal-dev.yaml'),
    `server: {ip: 127.0.0.1, port: ${port}, ui_port: null}
database: {file: dev.db}
search_attributes: {SandboxProject: Keyword, SandboxExperiment: Keyword, SandboxStage: Keyword, SandboxJob: Keyword, SandboxState: Keyword}
workers: [{name: control, kind: control}]
`,
  );
  server = await startDevServer(config, { keepsWorkers: false });
  writeFileSync(join(folder, 'clip.mp4'), 'a video');
  writeFileSync(join(folder, 'clips.jsonl'), '{"text": "<__dj__video> a clip", "videos": ["clip.mp4"]}\n');
  writeFileSync(join(folder, 'texts.jsonl'), '{"text": "no video here", "videos": []}\n');
  writeFileSync(join(folder, 'sandbox.yaml'), convertConfig('clips'));
  writeFileSync(join(folder, 'failing.yaml'), convertConfig('texts'));
});

afterAll(async () => {
  for (const worker of workers) worker.kill('SIGTERM');
  await Promise.all(workers.map(worker => worker.exitCode ?? once(worker, 'exit')));
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** One job, without Python: it converts a dataset. */
function convertConfig(dataset: string): string {
  return `project_name: p
experiment_name: ${dataset}
work_dir: ./work
execution_job_configs:
  - hook: GeneralDataExecutorHook
    meta_name: convert
    output: converted
    extra_configs:
      type: dj_to_easyanimate_video_dataset_conversion
      dataset_path: ./${dataset}.jsonl
      export_path: ./converted
`;
}

const env = () => ({ TEMPORAL_ADDRESS: server.address, NO_COLOR: '1', DJ_SANDBOX_STATE: join(folder, 'state') });

async function cli(...args: string[]) {
  return await execa(process.execPath, [MAIN, ...args], { cwd: folder, reject: false, env: env() });
}

function startWorker(...args: string[]): void {
  const options = { cwd: folder, env: { ...process.env, ...env() }, stdio: 'ignore' } as const;
  workers.push(spawn(process.execPath, [MAIN, 'worker', ...args], options));
}

async function status(id: string) {
  return JSON.parse((await cli('status', id, '--json')).stdout);
}

test('a trial that no control worker takes says so, and what to start', async () => {
  const started = await cli('run', '--config', 'sandbox.yaml', '--id', 'first', '--detach', '--json');
  expect(started.exitCode).toBe(0);
  expect(JSON.parse(started.stdout)).toMatchObject({ id: 'first', ui: null });
  const { stdout, exitCode } = await cli('status', 'first');
  expect(exitCode).toBe(0);
  expect(stdout).toContain('no control worker (queue sandbox) runs: start one with `dj-sandbox worker --control`');
});

test('a trial whose tag no worker serves says within seconds which, and what to start', async () => {
  startWorker('--control');
  await vi.waitFor(
    async () => {
      const { state, waitingFor, jobs } = await status('first');
      expect(state).toBe('running');
      expect(waitingFor).toContain('no worker serves tag cpu');
      expect(waitingFor).toContain('dj-sandbox worker --tags cpu');
      expect(jobs).toMatchObject([{ activity: 'convert.easyanimate', state: 'running' }]);
    },
    { timeout: 120_000, interval: 500 },
  );
});

test('pause holds a trial before its next job, and Ctrl-C on watch leaves it running', async () => {
  expect((await cli('pause', 'first')).stdout).toContain('trial first pauses');
  const child = spawn(process.execPath, [MAIN, 'watch', 'first'], { env: { ...process.env, ...env() } });
  const ended = once(child, 'exit');
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line.includes('waiting:')) child.kill('SIGINT');
  }
  expect(await ended).toEqual([130, null]);
  expect(lines.at(-1)).toContain('dj-sandbox watch first');
  expect(lines.at(-1)).toContain('dj-sandbox stop first');
  expect((await cli('resume', 'first')).exitCode).toBe(0);
  expect((await status('first')).status).toBe('RUNNING');
});

test('an id that is taken is refused while its trial runs', async () => {
  const { exitCode, stderr } = await cli('run', '--config', 'sandbox.yaml', '--id', 'first', '--detach');
  expect(stderr).toContain('a trial with id first is running already');
  expect(exitCode).toBe(2);
});

test('stop ends a trial that waits; watching it exits 1', async () => {
  await cli('run', '--config', 'sandbox.yaml', '--id', 'second', '--detach');
  expect((await cli('stop', 'second')).exitCode).toBe(0);
  const { exitCode, stdout } = await cli('watch', 'second');
  expect(stdout).toContain('Trial second stopped');
  expect(exitCode).toBe(1);
  const again = await cli('stop', 'second');
  expect(again.stderr).toContain('trial second has ended');
  expect(again.exitCode).toBe(2);
});

test('with a worker of its tag the trial ends: watch exits 0 with the summary', async () => {
  startWorker('--tags', 'cpu', '--gpus', 'none');
  const { exitCode, stdout } = await cli('watch', 'first');
  expect(stdout).toContain('Trial first done: 1 job run');
  expect(stdout).toContain('convert.converted  ./converted/clips_ea_fmt.json');
  expect(exitCode).toBe(0);
});

test('the same config again runs nothing, and --json says how it ended', async () => {
  const { exitCode, stdout } = await cli('run', '--config', 'sandbox.yaml', '--json');
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ state: 'done', result: { jobs: { run: 0, reused: 1 } } });
  const plan = JSON.parse((await cli('plan', '--config', 'sandbox.yaml', '--json')).stdout);
  expect(plan.pipelines[0].stages.flatMap((stage: { jobs: object[] }) => stage.jobs)).toMatchObject([
    { status: 'reusable' },
  ]);
});

test('context has the results by their names', async () => {
  const { stdout } = await cli('context', 'first', '--json');
  expect(JSON.parse(stdout).anonymous.convert.converted).toMatch(/clips_ea_fmt\.json$/);
  expect((await cli('context', 'first')).stdout).toMatch(/^anonymous\.convert\.converted {2}\//);
});

test('a trial that fails says which job and why, and exits 1', async () => {
  const { exitCode, stdout } = await cli('run', '--config', 'failing.yaml', '--id', 'failing');
  expect(stdout).toContain('anonymous.1-convert failed: none of the 1 samples');
  expect(stdout).toContain('Mend the cause and run it again');
  expect(exitCode).toBe(1);
  expect(await status('failing')).toMatchObject({ state: 'failed', failure: { job: { job: 'anonymous.1-convert' } } });
});

test('list shows trials with project, experiment and state, those that ended last first', async () => {
  await vi.waitFor(
    async () => {
      const rows = JSON.parse((await cli('list', '--json')).stdout) as { id: string; state: string }[];
      expect(rows[0]).toMatchObject({ id: 'failing', state: 'failed', project: 'p', experiment: 'texts' });
      expect(rows).toMatchObject([{}, {}, { id: 'first', state: 'done' }, { id: 'second', state: 'stopped' }]);
    },
    { timeout: 20_000, interval: 500 },
  );
  expect((await cli('list')).stdout).toMatch(/^failing +failed .* p +texts/m);
});

test('pages have of each run what the server says, also of one whose files they do not look at', async () => {
  vi.stubEnv('TEMPORAL_ADDRESS', server.address);
  const asked = new AskedServer();
  const pagesOver = (workDirs: string[]) => {
    const runs = new Runs({
      workDirs: async () => workDirs,
      server: { address: asked.address, list: () => asked.list() },
    });
    const app = uiApp({ runs, host: '127.0.0.1', say: run => asked.say(run) });
    return async (path: string) =>
      await (await app.request(`http://localhost${path}`, { headers: { host: 'localhost' } })).text();
  };
  try {
    const workDir = realpathSync(join(folder, 'work'));
    const text = pagesOver([workDir]);
    expect(await text('/')).toContain(`and the server at <code>${server.address}</code>`);
    const { key } = placeOf(workDir);
    expect(await text('/?kind=trial&state=stopped')).toContain(`/runs/${key}/second`);
    expect(await text(`/runs/${key}/failing`)).toContain('none of the 1 samples');
    const elsewhere = pagesOver([]);
    expect(await elsewhere('/runs/server/first')).toMatch(/Its files are in \/\S+\/work\./);
    expect(await elsewhere('/runs/server/failing')).toContain('none of the 1 samples');
  } finally {
    await asked.close();
    vi.unstubAllEnvs();
  }
});

test('an id that is not there exits 2 with one that is near', async () => {
  for (const command of ['status', 'watch', 'context', 'pause']) {
    const { exitCode, stderr } = await cli(command, 'secnd');
    expect(stderr).toBe(`dj-sandbox: there is no trial secnd at ${server.address}: did you mean second?`);
    expect(exitCode).toBe(2);
  }
});
