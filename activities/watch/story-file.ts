import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfThere } from '../runtime/atomic.ts';
import type { StoryLine } from './story.ts';

const storyPath = (folder: string) => join(folder, 'story.jsonl');

/** What has been written of a story; what a writer that died left behind the last whole line does not count. */
export async function readStory(folder: string): Promise<StoryLine[]> {
  const text = (await readIfThere(storyPath(folder))) ?? '';
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as StoryLine);
}

/** Removes what is no whole line, so that the next one begins on a line of its own. */
export async function repairStory(folder: string): Promise<void> {
  const text = await readIfThere(storyPath(folder));
  if (text === null || text.endsWith('\n') || text === '') return;
  const file = await open(storyPath(folder), 'r+');
  try {
    await file.truncate(Buffer.byteLength(text.slice(0, text.lastIndexOf('\n') + 1)));
  } finally {
    await file.close();
  }
}

/** Adds lines; they are on disk when it resolves. */
export async function appendStory(folder: string, lines: readonly StoryLine[]): Promise<void> {
  if (lines.length === 0) return;
  await mkdir(folder, { recursive: true });
  const file = await open(storyPath(folder), 'a');
  try {
    await file.appendFile(lines.map(line => `${JSON.stringify(line)}\n`).join(''));
    await file.sync();
  } finally {
    await file.close();
  }
}
