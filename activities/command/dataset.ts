import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { execa } from 'execa';
import type { JobRun } from '../component.ts';
import { lockedPython } from '../runtime/environments/locked.ts';
import { JobFailure } from '../runtime/failure.ts';
import { pythonFile } from '../runtime/paths.ts';
import type { Command } from './config.ts';

/**
 * Absolute path of the dataset as the program is to get it: the file itself, or made of it in the run's own folder; null where the config
 * names none. Throws JobFailure where it cannot be read.
 */
export async function handedOver(
  run: Pick<JobRun, 'dir' | 'signal'>,
  { dataset, dataset_format: format }: Pick<Command, 'dataset' | 'dataset_format'>,
): Promise<string | null> {
  if (!dataset) return null;
  if (format === 'as-is' || extname(dataset) === `.${format}`) return dataset;
  const made = join(run.dir, 'dataset', `${basename(dataset, extname(dataset))}.${format}`);
  // The program writes under another name first, so that what is there is whole.
  if (existsSync(made)) return made;
  await mkdir(dirname(made), { recursive: true });
  const args = [pythonFile('command', 'convert_dataset.py'), dataset, made];
  const { failed, stderr } = await execa(lockedPython('pools'), args, {
    cancelSignal: run.signal,
    reject: false,
    stdin: 'ignore',
  });
  run.signal.throwIfAborted();
  if (!failed) return made;
  const last = stderr.trim().split('\n').at(-1);
  throw new JobFailure(`${dataset} cannot be made ${format}: ${last}`, { logTail: stderr.split('\n').slice(-20) });
}
