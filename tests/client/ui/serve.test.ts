// The compiled command as users call it: where it listens, what it says when it cannot, how it ends.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../../activities/runtime/paths.ts';
import { serveUi } from '../../../client/ui/serve-ui.ts';
import { newWorkDir, putTrial } from '../../support/work-dir.ts';

const MAIN = join(packageRoot(), 'dist', 'client', 'main.js');
let folder: string;
let remove: () => void;
beforeAll(() => {
  const made = newWorkDir();
  ({ folder, remove } = made);
  putTrial(made.workDir, 'my-run', { jobs: [{ metaName: 'look' }], context: {} });
});
afterAll(() => remove());

const ui = (args: string[]) =>
  execa(process.execPath, [MAIN, 'ui', ...args], {
    cwd: folder,
    reject: false,
    env: { TEMPORAL_ADDRESS: '127.0.0.1:1', NO_COLOR: '1' },
  });

test('listens on 127.0.0.1 alone, prints where, shows the runs below this folder, and ends with Ctrl-C and exit code 0', async () => {
  const running = ui(['--port', '0', '--no-server', '--json']);
  const [first] = (await once(running.stdout, 'data')) as [Buffer];
  const { url } = JSON.parse(String(first)) as { url: string };
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const page = await fetch(url);
  expect(await page.text()).toContain('my-run');
  // What is listened on is what the kernel says, not what is printed.
  const { stdout: sockets } = await execa('cat', ['/proc/net/tcp', '/proc/net/tcp6']);
  const port = Number(new URL(url).port).toString(16).toUpperCase().padStart(4, '0');
  const addresses = sockets.split('\n').flatMap(line => {
    const [, local, , state] = line.trim().split(/\s+/);
    return state === '0A' && local?.endsWith(`:${port}`) ? [local] : [];
  });
  expect(addresses).toEqual([`0100007F:${port}`]);
  const other = await fetch(url, { headers: { origin: 'https://evil.example' } });
  expect(other.status).toBe(403);
  running.kill('SIGINT');
  const { exitCode, stderr } = await running;
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
});

test('a port that is taken is told with what to do, and so are a work_dir, a port and an address that are not there', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise(done => taken.once('listening', done));
  const { port } = taken.address() as { port: number };
  const asked = { port: String(port), host: '127.0.0.1', server: false };
  try {
    await expect(serveUi(asked)).rejects.toMatchObject({
      exitCode: 1,
      message: `port ${port} is taken, perhaps by another \`dj-sandbox ui\` (then open http://127.0.0.1:${port}): end that, or choose another with --port (0: one that is free)`,
    });
  } finally {
    taken.close();
  }
  await expect(serveUi({ ...asked, workDir: ['nowhere'] })).rejects.toMatchObject({
    exitCode: 2,
    message: '--work-dir nowhere: there is no such folder',
  });
  await expect(serveUi({ ...asked, port: '70000' })).rejects.toMatchObject({ exitCode: 2 });
  await expect(serveUi({ ...asked, port: '0', host: '192.0.2.1' })).rejects.toMatchObject({
    exitCode: 2,
    message: '--host 192.0.2.1 is no address of this machine: 127.0.0.1 always is',
  });
});

test('--host warns that whoever reaches it reads everything', async () => {
  const running = ui(['--port', '0', '--no-server', '--host', '0.0.0.0']);
  await once(running.stdout, 'data');
  running.kill('SIGTERM');
  const { stderr, stdout, exitCode } = await running;
  expect(stderr).toContain('warning: with --host 0.0.0.0 everybody who can reach this machine can read all runs');
  expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\nCtrl-C ends it\.$/);
  expect(exitCode).toBe(0);
});
