import { createHash } from 'node:crypto';
import { relative } from 'node:path';

/** A work_dir as pages and addresses name it. */
export interface Place {
  /** In addresses; the same whenever and from wherever the server is started. */
  key: string;
  /** Absolute. */
  workDir: string;
  /** For people. */
  name: string;
}

/** Runs that only the server knows have this in their addresses. */
export const ELSEWHERE = 'server';

export function placeOf(workDir: string): Place {
  const key = createHash('sha256').update(workDir).digest('hex').slice(0, 8);
  const near = relative(process.cwd(), workDir);
  return { key, workDir, name: near === '' ? '.' : near.startsWith('..') ? workDir : near };
}

/** Of a run's page, or of something below it. */
export const runPath = (place: string, id: string, below = ''): string =>
  `/runs/${place}/${encodeURIComponent(id)}${below === '' ? '' : `/${below}`}`;

/** Of a file in a work_dir. */
export const filePath = (place: string, file: string): string =>
  `/files/${place}/${file.split('/').map(encodeURIComponent).join('/')}`;
