import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readlink, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { intactManifest, manifestPath, newEpoch, readManifest } from '../../../activities/runtime/job-dir.ts';
import {
  checkWritable,
  insideJob,
  listedPath,
  publishManifest,
  publishNamed,
  sealFiles,
} from '../../../activities/runtime/publish.ts';
import type { Manifest } from '../../../plan/manifest.ts';
import type { Plan, PlanJob, WritePath } from '../../../plan/plan.ts';

let root: string;
let dir: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'publish-'));
  dir = join(root, 'jobs', 'k');
  await mkdir(join(dir, 'epoch-1', 'out'), { recursive: true });
});

function manifest(more: Partial<Manifest> = {}): Manifest {
  return {
    version: 1,
    key: 'k',
    component: 'process.data-juicer',
    componentVersion: 1,
    hook: 'ProcessDataHook',
    epoch: 1,
    trial: 't',
    job: 'p.1-a',
    host: 'h',
    startedAt: '',
    finishedAt: '',
    seconds: 1,
    config: { dj_configs: null, extra_configs: null },
    producers: [],
    results: [],
    writes: {},
    metrics: {},
    provides: {},
    files: [],
    versions: {},
    devices: [],
    notes: [],
    ...more,
  };
}

const named = (write: Partial<WritePath>) =>
  ({ writes: [{ at: 'dj_configs.export_path', kind: 'file', ...write }] }) as unknown as PlanJob;
const plan = { iteration: 1 } as Plan;

describe('publication', () => {
  it('happens once: of many at the same time one wins and all get its manifest', async () => {
    const made = await Promise.all([1, 2, 3, 4, 5].map(epoch => publishManifest(dir, manifest({ epoch }))));
    const winner = await readManifest(dir);
    expect(new Set(made.map(one => one.epoch))).toEqual(new Set([winner?.epoch]));
  });

  it('seals every file with its size, hash and time', async () => {
    await mkdir(join(dir, 'epoch-1', 'out', 'videos'));
    await writeFile(join(dir, 'epoch-1', 'out', 'videos', 'a.mp4'), 'abc');
    expect(await sealFiles(join(dir, 'epoch-1', 'out'), dir)).toEqual([
      {
        path: 'epoch-1/out/videos/a.mp4',
        bytes: 3,
        sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
        mtime: Math.trunc((await stat(join(dir, 'epoch-1', 'out', 'videos', 'a.mp4'))).mtimeMs),
      },
    ]);
  });

  it('never records a result outside of the job', () => {
    expect(() => insideJob(dir, join(root, 'elsewhere'))).toThrow('outside the job');
    expect(() => insideJob(dir, `${dir}-sibling/x`)).toThrow('outside the job');
    expect(insideJob(dir, join(dir, 'epoch-1', 'out', '..data'))).toBe('epoch-1/out/..data');
  });

  it('gives each run an epoch of its own, also when they begin at once', async () => {
    const epochs = await Promise.all([1, 2, 3, 4, 5, 6].map(() => newEpoch(dir)));
    expect(new Set(epochs).size).toBe(6);
    expect(Math.min(...epochs)).toBe(2);
  });
});

/** Writes and sees to it that the file's time is another, however coarse the clock. */
async function changeTo(path: string, content: string): Promise<void> {
  await writeFile(path, content);
  await utimes(path, 1_000, 1_000);
}

describe('a result', () => {
  const sealed = async () => {
    const path = join(dir, 'epoch-1', 'out', 'd.jsonl');
    await writeFile(path, 'abc');
    return { path, files: await sealFiles(join(dir, 'epoch-1', 'out'), dir) };
  };

  // The second and third are no sum of binary fractions: written as seconds they come out a millisecond early.
  it.each([1795993242000, 1795993242533, 1795993242577])(
    'that was copied with new times is intact, and is read for that only once (published at %d)',
    async mtime => {
      const { path, files } = await sealed();
      await publishManifest(dir, manifest({ files: files.map(file => ({ ...file, mtime })) }));
      await changeTo(path, 'abc');
      expect((await intactManifest(dir)).manifest).not.toBeNull();
      expect(Math.trunc((await stat(path)).mtimeMs)).toBe(mtime);
    },
  );

  it('of an earlier version, which noted no times, is judged by its sizes', async () => {
    const { path, files } = await sealed();
    await publishManifest(dir, manifest({ files: files.map(({ mtime: _, ...file }) => file) }));
    await changeTo(path, 'abd');
    expect((await intactManifest(dir)).manifest).not.toBeNull();
  });
});

it('a list with a path of another job that is gone is no result: the job that listed it runs again', async () => {
  const other = join(dir, '..', 'other.jsonl');
  await writeFile(other, 'x');
  await publishManifest(dir, manifest({ results: [{ kind: 'paths', paths: [listedPath(dir, other)] }] }));
  expect((await intactManifest(dir)).manifest?.results).toEqual([{ kind: 'paths', paths: ['../other.jsonl'] }]);
  await rm(other);
  expect(await intactManifest(dir)).toEqual({
    manifest: null,
    note: 'an earlier result was damaged (../other.jsonl is gone): the job is run again',
  });
});

describe('a damaged result', () => {
  it.each([
    ['cut short', async (path: string) => writeFile(path, 'a'), 'has 1 bytes instead of 3'],
    ['changed at the same size', (path: string) => changeTo(path, 'abd'), 'has other content than was published'],
    ['gone', async (path: string) => (await import('node:fs/promises')).rm(path), 'is gone'],
  ])('that is %s is set aside with a note, so that the job runs again', async (_, damage, says) => {
    const path = join(dir, 'epoch-1', 'out', 'd.jsonl');
    await writeFile(path, 'abc');
    await publishManifest(dir, manifest({ files: await sealFiles(join(dir, 'epoch-1', 'out'), dir) }));
    expect((await intactManifest(dir)).manifest).not.toBeNull();
    await damage(path);
    const found = await intactManifest(dir);
    expect(found.manifest).toBeNull();
    expect(found.note).toContain(says);
    expect(await readManifest(dir)).toBeNull();
  });
});

describe('two that find a damaged result at once', () => {
  it('do not set aside the new one that the faster of them has published', async () => {
    const path = join(dir, 'epoch-1', 'out', 'd.jsonl');
    for (let round = 1; round <= 20; round += 1) {
      const epoch = 2 * round;
      await writeFile(path, 'abc');
      await publishManifest(dir, manifest({ epoch, files: await sealFiles(join(dir, 'epoch-1', 'out'), dir) }));
      await writeFile(path, 'a');
      const found = await Promise.all(
        Array.from({ length: 8 }, async () => {
          const { manifest: there } = await intactManifest(dir);
          return there ?? (await publishManifest(dir, manifest({ epoch: epoch + 1 })));
        }),
      );
      expect((await readManifest(dir))?.epoch).toBe(epoch + 1);
      expect(new Set(found.map(one => one.epoch))).toEqual(new Set([epoch + 1]));
      await rm(manifestPath(dir));
    }
  });

  it('take a manifest that cannot be read for an error, not for an absent one', async () => {
    await mkdir(manifestPath(dir));
    await expect(readManifest(dir)).rejects.toThrow('EISDIR');
  });
});

describe('named paths', () => {
  it('of a result that another config named otherwise have the names that this config gives', async () => {
    const out = join(dir, 'epoch-1', 'out');
    await writeFile(join(out, 'theirs.jsonl'), 'abc');
    await writeFile(join(out, 'theirs_stats.jsonl'), 'stats');
    await publishNamed(
      plan,
      named({ named: join(root, 'outputs', 'mine.jsonl') }),
      dir,
      manifest({ writes: { 'dj_configs.export_path': 'epoch-1/out/theirs.jsonl' } }),
    );
    expect(await readFile(join(root, 'outputs', 'mine_stats.jsonl'), 'utf8')).toBe('stats');
  });

  it('that are a file where a folder is to be fail before the job runs', async () => {
    await writeFile(join(root, 'outputs'), '');
    const write: WritePath = { at: 'extra_configs.videos', named: join(root, 'outputs'), kind: 'directory' };
    await expect(checkWritable(write)).rejects.toThrow(/extra_configs\.videos: cannot write .*EEXIST/);
  });

  it('lead to the published file in both generations of iter_<n>, with what was made beside it', async () => {
    const out = join(dir, 'epoch-1', 'out');
    await writeFile(join(out, 'd.jsonl'), 'abc');
    await writeFile(join(out, 'd_stats.jsonl'), 'stats');
    const write = { named: join(root, 'outputs', 'd.jsonl') };
    await publishNamed(
      plan,
      named(write),
      dir,
      manifest({ writes: { 'dj_configs.export_path': 'epoch-1/out/d.jsonl' } }),
    );
    for (const folder of ['outputs', 'outputs/iter_1']) {
      expect(await readFile(join(root, folder, 'd.jsonl'), 'utf8')).toBe('abc');
      expect(await readFile(join(root, folder, 'd_stats.jsonl'), 'utf8')).toBe('stats');
    }
    expect(await readlink(join(root, 'outputs', 'd.jsonl'))).toBe('../jobs/k/epoch-1/out/d.jsonl');
  });

  it('of two jobs may be the same folder', async () => {
    const out = join(dir, 'epoch-1', 'out', 'videos');
    await mkdir(out);
    await writeFile(join(out, 'a.mp4'), 'abc');
    const write = { named: join(root, 'outputs'), kind: 'directory' as const };
    await mkdir(join(root, 'outputs'));
    await writeFile(join(root, 'outputs', 'mine.txt'), 'mine');
    await publishNamed(
      plan,
      named(write),
      dir,
      manifest({ writes: { 'dj_configs.export_path': 'epoch-1/out/videos' } }),
    );
    expect(await readFile(join(root, 'outputs', 'a.mp4'), 'utf8')).toBe('abc');
    expect(await readFile(join(root, 'outputs', 'iter_1', 'a.mp4'), 'utf8')).toBe('abc');
    expect(await readFile(join(root, 'outputs', 'mine.txt'), 'utf8')).toBe('mine');
  });

  it('keep what a user had there', async () => {
    await writeFile(join(dir, 'epoch-1', 'out', 'd.jsonl'), 'new');
    await mkdir(join(root, 'outputs'));
    await writeFile(join(root, 'outputs', 'd.jsonl'), 'old');
    const write = { named: join(root, 'outputs', 'd.jsonl') };
    await publishNamed(
      plan,
      named(write),
      dir,
      manifest({ writes: { 'dj_configs.export_path': 'epoch-1/out/d.jsonl' } }),
    );
    const { readdir } = await import('node:fs/promises');
    const kept = (await readdir(join(root, 'outputs'))).find(name => name.startsWith('d.jsonl.before-'));
    expect(await readFile(join(root, 'outputs', kept!), 'utf8')).toBe('old');
    expect(await readFile(join(root, 'outputs', 'd.jsonl'), 'utf8')).toBe('new');
  });

  it('that cannot be made fail before the job runs, with what to do', async () => {
    await writeFile(join(root, 'file'), '');
    const write: WritePath = {
      at: 'dj_configs.export_path',
      named: join(root, 'file', 'below', 'd.jsonl'),
      kind: 'file',
    };
    await expect(checkWritable(write)).rejects.toThrow(
      /dj_configs\.export_path: cannot write .*ENOTDIR.*choose a folder/,
    );
  });

  it('that are there already are no problem', async () => {
    const write: WritePath = { at: 'x', named: join(root, 'd.jsonl'), kind: 'file' };
    await checkWritable(write);
    expect((await stat(root)).isDirectory()).toBe(true);
    expect(existsSync(write.named)).toBe(false);
  });
});
