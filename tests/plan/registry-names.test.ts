import { describe, expect, it } from 'vitest';
import { REGISTRY } from './registry.ts';

describe('the registry', () => {
  it('names each component once, and chooses by hook and type without doubt', () => {
    const names = REGISTRY.map(spec => spec.name);
    expect(new Set(names).size).toBe(names.length);
    const chosen = REGISTRY.map(spec => `${spec.hook} ${spec.type}`);
    expect(new Set(chosen).size).toBe(chosen.length);
  });
  it.each(REGISTRY.map(spec => [spec.name, spec] as const))('%s reads and makes what its configs name', (_, spec) => {
    for (const { at } of [...spec.reads, ...spec.writes]) expect(at).toMatch(/^(?:dj|extra)_configs\./);
    const writes = spec.writes.map(write => write.at);
    for (const result of spec.results) if ('write' in result) expect(writes).toContain(result.write);
  });
});
