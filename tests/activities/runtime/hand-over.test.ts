import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { handOverCheckpoints, handOverOutputs, runRecordPath } from '../../../activities/runtime/hand-over.ts';

let job: string;
const epoch = (n: number, ...path: string[]) => join(job, `epoch-${n}`, ...path);
const write = async (path: string, text: string) => {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
};

beforeEach(async () => {
  job = await mkdtemp(join(tmpdir(), 'hand-over-'));
});

describe('checkpoints', () => {
  const to = () => epoch(3, 'out', 'lora');

  /** A run whose program keeps its checkpoints in out/<name>. */
  async function run(n: number, name = 'models') {
    await write(epoch(n, 'spec.json'), JSON.stringify({ checkpoints: { dir: epoch(n, 'out', name) } }));
    return async (step: number, text = `state ${n}`) => {
      const folder = epoch(n, 'out', name, `checkpoint-${step}`);
      await write(join(folder, 'state', 'model.bin'), text);
      const sha256 = createHash('sha256').update(text).digest('hex');
      const files = { 'state/model.bin': { bytes: text.length, sha256 } };
      await write(join(folder, 'complete.json'), JSON.stringify({ version: 1, step, files }));
      return folder;
    };
  }

  beforeEach(() => mkdir(epoch(3, 'out'), { recursive: true }));

  it('of all earlier runs come in where this run looks for them, the newest run going first, without copying', async () => {
    const first = await run(1);
    const second = await run(2, 'elsewhere');
    await first(10);
    await first(20);
    const newest = await second(20);
    await handOverCheckpoints(epoch(3), 1, to());
    expect((await readdir(to())).sort()).toEqual(['checkpoint-10', 'checkpoint-20']);
    expect(await readFile(join(to(), 'checkpoint-20', 'state', 'model.bin'), 'utf8')).toBe('state 2');
    const inode = async (folder: string) => (await stat(join(folder, 'state', 'model.bin'))).ino;
    expect(await inode(join(to(), 'checkpoint-20'))).toBe(await inode(newest));
  });

  it('that are torn, truncated, empty, of something else or lead out of their folder stay behind', async () => {
    const save = await run(1);
    await writeFile(join(await save(1), 'state', 'model.bin'), 'cut');
    await mkdir(epoch(1, 'out', 'models', 'checkpoint-2'));
    await write(epoch(1, 'out', 'models', 'checkpoint-3', 'complete.json'), '{"version": 1, "st');
    await write(epoch(1, 'out', 'models', 'checkpoint-4', 'complete.json'), 'null');
    await write(
      epoch(1, 'out', 'models', 'checkpoint-5', 'complete.json'),
      '{"files": {"../../secret": {"bytes": 1}}}',
    );
    await write(epoch(1, 'out', 'secret'), 'x');
    const linked = await save(6);
    await write(join(job, 'outside'), 'state 1');
    await (await import('node:fs/promises')).rm(join(linked, 'state', 'model.bin'));
    await symlink(join(job, 'outside'), join(linked, 'state', 'model.bin'));
    await symlink(await save(7), epoch(1, 'out', 'models', 'checkpoint-8'));
    await handOverCheckpoints(epoch(3), 1, to());
    expect(await readdir(to())).toEqual(['checkpoint-7']);
  });

  it('bring the files that stand beside them under their names, but none of a later step', async () => {
    const save = await run(1);
    await save(10);
    for (const name of [
      'checkpoint-5.safetensors',
      'checkpoint-10.safetensors',
      'checkpoint-11.safetensors',
      'notes.txt',
    ])
      await write(epoch(1, 'out', 'models', name), name);
    await handOverCheckpoints(epoch(3), 1, to());
    expect((await readdir(to())).sort()).toEqual([
      'checkpoint-10',
      'checkpoint-10.safetensors',
      'checkpoint-5.safetensors',
    ]);
  });

  it('of a run whose result was published and found damaged are not trusted', async () => {
    await (await run(1))(10);
    await (await run(2))(20);
    await write(join(job, 'manifest.damaged-2.json'), '{}');
    await handOverCheckpoints(epoch(3), 1, to());
    expect(await readdir(to())).toEqual(['checkpoint-10']);
  });

  it('are those of the program that comes in the same place of the run', async () => {
    await (await run(1))(10);
    await handOverCheckpoints(epoch(3), 2, to());
    expect(existsSync(to())).toBe(false);
  });

  it('do not come in once the program has begun here: what is there is its own', async () => {
    await (await run(1))(10);
    await (await run(3, 'lora'))(1);
    await handOverCheckpoints(epoch(3), 1, to());
    expect(await readdir(to())).toEqual(['checkpoint-1']);
  });

  it('come in once, however often the new run is prepared', async () => {
    await (await run(1))(10);
    await Promise.all([1, 2, 3].map(() => handOverCheckpoints(epoch(3), 1, to())));
    await handOverCheckpoints(epoch(3), 1, to());
    expect(await readdir(to())).toEqual(['checkpoint-10']);
  });
});

describe('finished outputs', () => {
  const run = async (n: number, name: string, files: Record<string, string>) => {
    await write(runRecordPath(epoch(n)), JSON.stringify({ writes: { 'extra_configs.videos': join('out', name) } }));
    for (const [file, text] of Object.entries(files)) await write(epoch(n, 'out', name, file), text);
  };
  const handOver = () => handOverOutputs(epoch(3), { 'extra_configs.videos': epoch(3, 'out', 'mine') });

  it('of all earlier runs come in, under the name that this run gives them; unfinished ones do not', async () => {
    await run(1, 'videos', { 'a-0.mp4': '1', 'b-0.mp4.tmp': '', '.partial-7.mp4': '', 'sub/c-0.mp4': '1' });
    await run(2, 'clips', { 'a-0.mp4': '2' });
    await mkdir(epoch(3));
    await handOver();
    expect((await readdir(epoch(3, 'out', 'mine'), { recursive: true })).sort()).toEqual([
      'a-0.mp4',
      'sub',
      'sub/c-0.mp4',
    ]);
    expect(await readFile(epoch(3, 'out', 'mine', 'a-0.mp4'), 'utf8')).toBe('2');
  });

  it('are not looked for where a run did not say where they are, or links lead elsewhere', async () => {
    await write(epoch(1, 'out', 'mine', 'a.mp4'), '1');
    await run(2, 'videos', {});
    await mkdir(epoch(2, 'out'), { recursive: true });
    await symlink(epoch(1, 'out', 'mine'), epoch(2, 'out', 'videos'));
    await mkdir(epoch(3));
    await handOver();
    expect(existsSync(epoch(3, 'out'))).toBe(false);
  });
});
