import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { JobFailure } from '../runtime/failure.ts';

const NAME = /^checkpoint-(\d+)\.safetensors$/;

/** The LoRAs of a model folder (`checkpoint-<step>.safetensors`) by their steps, the newest last; empty where there are none. */
export async function lorasIn(folder: string): Promise<{ step: number; path: string }[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  return names
    .map(name => ({ step: Number(NAME.exec(name)?.[1] ?? Number.NaN), path: join(folder, name) }))
    .filter(({ step }) => !Number.isNaN(step))
    .sort((a, b) => a.step - b.step);
}

/**
 * The LoRA that `lora_path` means: the file itself, or the newest of a model folder; null for the base model (absent, null or '').
 * Throws JobFailure that says what is there instead.
 */
export async function findLora(path: string | null | undefined): Promise<string | null> {
  if (!path) return null;
  const found = await stat(path).catch(() => null);
  if (found?.isFile()) return path;
  const folder = found ? path : dirname(path);
  const there = await lorasIn(folder);
  const newest = there.at(-1);
  if (found && newest) return newest.path;
  const instead = newest
    ? `there are ${there.map(({ step }) => `checkpoint-${step}.safetensors`).join(', ')}: name one of them, or the folder for the newest`
    : `${folder} has no checkpoint-<step>.safetensors`;
  throw new JobFailure(`lora_path ${path} is no LoRA; ${instead}`);
}
