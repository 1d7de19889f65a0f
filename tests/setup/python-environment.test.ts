import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inPackage } from '../../setup/places.mjs';
import { withoutCuda } from '../../setup/python-environment.mjs';

const locks = inPackage('python', 'locks');
const lockFiles = readdirSync(locks).filter(file => file.endsWith('.lock.txt'));
const requirementsIn = (lock: string) => lock.split('\n').filter(line => /^\S/.test(line));

describe('the locked Python environments', () => {
  it.each(lockFiles)('%s pins every package, with hashes except where two builds share a version', file => {
    const entries = readFileSync(inPackage('python', 'locks', file), 'utf8').split(/\n(?=\S)/);
    for (const entry of entries) {
      expect(entry).toMatch(/^[a-z0-9-]+==\S+/);
      if (!/^torch(vision)?==/.test(entry)) expect(entry).toContain('--hash=sha256:');
    }
  });

  it('name one torch version in all, so that uv links it once', () => {
    const torches = lockFiles.flatMap(file =>
      requirementsIn(readFileSync(inPackage('python', 'locks', file), 'utf8')).filter(line =>
        line.startsWith('torch=='),
      ),
    );
    expect(torches).toHaveLength(5);
    expect(new Set(torches).size).toBe(1);
  });

  it('name no registry', () => {
    for (const file of readdirSync(locks)) {
      expect(readFileSync(inPackage('python', 'locks', file), 'utf8')).not.toMatch(/https?:\/\/|--index-url/);
    }
  });

  it('without CUDA lose what only CUDA needs, whole entries, and nothing else', () => {
    const lock = readFileSync(inPackage('python', 'locks', 'train.lock.txt'), 'utf8');
    const kept = requirementsIn(withoutCuda(lock));
    const dropped = requirementsIn(lock).filter(line => !kept.includes(line));
    expect(kept.some(line => line.startsWith('torch=='))).toBe(true);
    expect(dropped.every(line => /^(nvidia-|triton)/.test(line))).toBe(true);
    expect(dropped.length).toBeGreaterThan(10);
    expect(withoutCuda(lock)).not.toContain('nvidia');
  });
});
