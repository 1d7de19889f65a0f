import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

let home: string;
let input: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'set-up-'));
  vi.stubEnv('DJ_SANDBOX_HOME', home);
  vi.resetModules();
  input = 'one';
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

/** A step that copies the input into a file. */
async function stepThat(make: (into: string) => Promise<void> = copyInput) {
  const { folderStep } = await import('../../setup/folder-step.mjs');
  const folder = join(home, 'made');
  return folderStep({ name: 'made', title: 'made', folder, proof: 'file', inputs: () => [input], make });
}

async function copyInput(into: string) {
  mkdirSync(into);
  writeFileSync(join(into, 'file'), input);
}

const made = () => readFileSync(join(home, 'made', 'file'), 'utf8');

describe('a step of set-up', () => {
  it('is done once it has run, and stays so', async () => {
    const step = await stepThat();
    expect(step.isDone()).toBe(false);
    await step.run();
    expect(step.isDone()).toBe(true);
    expect((await stepThat()).isDone()).toBe(true);
    expect(made()).toBe('one');
  });

  it('is to be done again when what it is made from changed, or what it made is gone', async () => {
    const step = await stepThat();
    await step.run();
    input = 'two';
    expect(step.isDone()).toBe(false);
    await step.run();
    expect(made()).toBe('two');
    rmSync(join(home, 'made', 'file'));
    expect(step.isDone()).toBe(false);
  });

  it('that is interrupted leaves what was there, and is not done', async () => {
    await (await stepThat()).run();
    input = 'two';
    const broken = await stepThat(async into => {
      mkdirSync(into);
      writeFileSync(join(into, 'file'), 'half');
      throw new Error('interrupted');
    });
    await expect(broken.run()).rejects.toThrow('interrupted');
    expect(made()).toBe('one');
    expect(broken.isDone()).toBe(false);
    await (await stepThat()).run();
    expect(made()).toBe('two');
  });

  it('does not count as done for what it was made from since it started', async () => {
    const step = await stepThat(async into => {
      await copyInput(into);
      input = 'changed meanwhile';
    });
    await step.run();
    expect(step.isDone()).toBe(false);
  });
});
