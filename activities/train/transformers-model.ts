import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { JobFailure } from '../runtime/failure.ts';

const WEIGHTS = /^(?:model|pytorch_model|adapter_model).*\.(?:safetensors|bin)$/;

/** Throws JobFailure where a program that ended well left no model that Transformers could load: config.json and weights that are whole. */
export async function checkTransformersModel(folder: string, program: string): Promise<void> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const wrong = (what: string) => new JobFailure(`${program} ended well but ${what}; look at the end of its log`);
  if (!names.includes('config.json')) throw wrong(`left no config.json in ${folder}`);
  const weights = names.filter(name => WEIGHTS.test(name));
  if (weights.length === 0) throw wrong(`left no weights (model*.safetensors, pytorch_model*.bin) in ${folder}`);
  for (const name of weights) {
    const path = join(folder, name);
    const { size } = await stat(path);
    if (size === 0) throw wrong(`${path} is empty`);
    if (name.endsWith('.safetensors') && !(await isSafetensors(path, size)))
      throw wrong(`${path} is no safetensors file`);
  }
}

/** A header of so many bytes as the first eight say, in JSON, and something behind it. */
async function isSafetensors(path: string, size: number): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(9), 0, 9, 0);
    if (bytesRead < 9) return false;
    return buffer.readBigUInt64LE(0) <= BigInt(size - 8) && buffer[8] === '{'.charCodeAt(0);
  } finally {
    await file.close();
  }
}
