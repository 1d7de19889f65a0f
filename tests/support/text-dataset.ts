import { writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { pythonFile, pythonOf } from '../../activities/runtime/paths.ts';
import type { JsonObject } from '../../plan/plan.ts';

/** The text example's dataset, smaller. */
export async function makeTexts(path: string, lines: number): Promise<void> {
  await execa(pythonOf('data-juicer'), [
    pythonFile('data-juicer-host', 'make_text_dataset.py'),
    ...['--out', path, '--lines', String(lines)],
  ]);
}

/** Three of the text example's seven filters. */
export const TEXT_FILTERS: JsonObject[] = [
  { text_length_filter: { min_len: 20, max_len: 20000 } },
  { special_characters_filter: { min_ratio: 0, max_ratio: 0.4 } },
  { word_repetition_filter: { tokenization: false, rep_len: 5, min_ratio: 0, max_ratio: 0.5 } },
];

/** Writes a dataset, a JSON object a line. */
export async function writeDataset(path: string, samples: JsonObject[]): Promise<string> {
  await writeFile(path, samples.map(sample => `${JSON.stringify(sample)}\n`).join(''));
  return path;
}
