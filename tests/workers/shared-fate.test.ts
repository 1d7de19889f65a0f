import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Surroundings, sharedFate } from '../../workers/shared-fate.ts';

/** A proc file system with these files. */
async function procOf(files: Record<string, string>): Promise<string> {
  const proc = await mkdtemp(join(tmpdir(), 'proc-'));
  onTestFinished(() => rm(proc, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(proc, name)), { recursive: true });
    await writeFile(join(proc, name), text);
  }
  return proc;
}

async function fateIn(cgroup: string, comm = 'systemd\n', more: Surroundings = {}) {
  const asked: unknown[] = [];
  const killMode = async (...unit: unknown[]) => {
    asked.push(unit);
    return 'control-group';
  };
  const proc = await procOf({ 'self/cgroup': cgroup, '1/comm': comm });
  return { said: await sharedFate({ proc, pid: 400, ppid: 300, killMode, ...more }), asked };
}

const UNIT = '0::/system.slice/dj-sandbox.service\n';

describe('a worker whose programs would die with it says so when it starts', () => {
  it('in a systemd unit that kills its whole control group', async () => {
    const { said, asked } = await fateIn(UNIT);
    expect(said).toBe(
      'stopping the systemd unit dj-sandbox.service ends the running programs of this worker too, as its KillMode is control-group: set KillMode=process in [Service]',
    );
    expect(asked).toEqual([['dj-sandbox.service', false]]);
  });

  it("in a user's unit, and in a delegated group below a unit", async () => {
    const user = '0::/user.slice/user-1000.slice/user@1000.service/app.slice/dj.service/worker\n';
    const { said, asked } = await fateIn(user);
    expect(said).toContain('dj.service');
    expect(asked).toEqual([['dj.service', true]]);
  });

  it('with the control groups of version 1', async () => {
    const v1 = '12:cpu,cpuacct:/system.slice\n1:name=systemd:/system.slice/dj.service\n0::/system.slice/dj.service\n';
    expect((await fateIn(v1)).said).toContain('dj.service');
    expect((await fateIn('3:memory:/x\n1:name=systemd:/system.slice/old.service\n')).said).toContain('old.service');
  });

  it('where systemd does not tell the KillMode', async () => {
    const { said } = await fateIn(UNIT, 'systemd\n', { killMode: async () => null });
    expect(said).toContain('unless its KillMode is process');
  });

  it('as the first process of a container, or as the child of an init that ends with it', async () => {
    expect((await fateIn('0::/\n', 'node\n', { pid: 1, ppid: 0 })).said).toContain('the main process of a container');
    expect((await fateIn('0::/\n', 'tini\n', { ppid: 1 })).said).toContain('the main process of a container');
  });
});

describe('nothing is said', () => {
  it.each(['process', 'none'])('in a unit of KillMode=%s', async mode => {
    expect((await fateIn(UNIT, 'systemd\n', { killMode: async () => mode })).said).toBeNull();
  });

  it.each([
    ['in a login session', '0::/user.slice/user-1000.slice/session-2.scope\n'],
    ['in a terminal of a desktop', '0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-term.scope\n'],
    ['without control groups', ''],
    ['in a container whose init runs it again', '0::/\n'],
  ])('%s', async (_, cgroup) => {
    const { said, asked } = await fateIn(cgroup, 'tini\n');
    expect(said).toBeNull();
    expect(asked).toEqual([]);
  });

  it('of an orphan whose parent has become the init of a whole system', async () => {
    expect((await fateIn('0::/\n', 'systemd\n', { ppid: 1 })).said).toBeNull();
  });
});
