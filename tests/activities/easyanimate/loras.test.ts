import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findLora, lorasIn } from '../../../activities/easyanimate/loras.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loras-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function checkpoints(...steps: number[]) {
  for (const step of steps) {
    await writeFile(join(folder, `checkpoint-${step}.safetensors`), '');
    await mkdir(join(folder, `checkpoint-${step}`));
  }
}

describe('which LoRA lora_path means', () => {
  test.each([null, undefined, ''])('%o is the base model', async path => {
    expect(await findLora(path)).toBeNull();
  });

  test('a file is itself, a folder its newest by step and not by name', async () => {
    await checkpoints(9, 1000, 20);
    expect(await findLora(join(folder, 'checkpoint-9.safetensors'))).toBe(join(folder, 'checkpoint-9.safetensors'));
    expect(await findLora(folder)).toBe(join(folder, 'checkpoint-1000.safetensors'));
    expect((await lorasIn(folder)).map(({ step }) => step)).toEqual([9, 20, 1000]);
  });

  test('a checkpoint of a step that was not saved fails with those that were', async () => {
    await checkpoints(2, 4);
    await expect(findLora(join(folder, 'checkpoint-1.safetensors'))).rejects.toThrow(
      'there are checkpoint-2.safetensors, checkpoint-4.safetensors: name one of them, or the folder for the newest',
    );
  });

  test('a folder without any fails', async () => {
    await expect(findLora(folder)).rejects.toThrow(`${folder} has no checkpoint-<step>.safetensors`);
    await expect(findLora(join(folder, 'models', 'x.safetensors'))).rejects.toThrow('has no checkpoint');
  });
});
