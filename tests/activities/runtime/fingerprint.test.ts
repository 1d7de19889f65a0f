import { mkdir, mkdtemp, readFile, rename, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { Fingerprints } from '../../../activities/runtime/fingerprint.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'fingerprint-'));
});

const fresh = () => new Fingerprints(join(root, 'memory', 'fingerprints.json'));

describe('a fingerprint', () => {
  it('is of the content: a copy has the same, a change another', async () => {
    await writeFile(join(root, 'a'), 'same');
    await writeFile(join(root, 'b'), 'same');
    const before = await fresh().of(join(root, 'a'));
    expect(await fresh().of(join(root, 'b'))).toBe(before);
    await writeFile(join(root, 'a'), 'other');
    expect(await fresh().of(join(root, 'a'))).not.toBe(before);
  });

  it('of a folder changes with a name and with a content in it', async () => {
    await mkdir(join(root, 'd'));
    await writeFile(join(root, 'd', 'a'), '1');
    const first = await fresh().of(join(root, 'd'));
    await rename(join(root, 'd', 'a'), join(root, 'd', 'b'));
    const renamed = await fresh().of(join(root, 'd'));
    await writeFile(join(root, 'd', 'b'), '2');
    const changed = await fresh().of(join(root, 'd'));
    expect(new Set([first, renamed, changed]).size).toBe(3);
  });

  it('of nothing is null', async () => {
    expect(await fresh().of(join(root, 'nothing'))).toBeNull();
  });

  it('is remembered by size, time and inode, so that a large file is read once', async () => {
    const path = join(root, 'a');
    const when = new Date(1_700_000_000_000);
    await writeFile(path, 'first');
    await utimes(path, when, when);
    const first = fresh();
    await mkdir(join(root, 'memory'));
    const before = await first.of(path);
    await first.save();
    await writeFile(path, 'other');
    await utimes(path, when, when);
    expect(await fresh().of(path)).toBe(before);
    expect(Object.values(JSON.parse(await readFile(join(root, 'memory', 'fingerprints.json'), 'utf8')))).toEqual([
      before,
    ]);
  });
});
