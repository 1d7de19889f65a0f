import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { epochDir, epochsIn } from '../../activities/runtime/job-dir.ts';

/** A folder in which a program of a job ran, or the job itself where it has no program of its own. */
export interface RunFolder {
  path: string;
  /** Which run of the job. */
  epoch: number;
  /** `''` for a job's first program; `program-2`; `parts/<part>` before either where the job has parts. */
  program: string;
}

/** All run folders of a job: its parts first, then the job; each by run, then by program. */
export async function runFolders(dir: string): Promise<RunFolder[]> {
  const parts = (await namesIn(join(dir, 'parts'))).sort();
  const places = [
    ...parts.map(part => ({ path: join(dir, 'parts', part), part: `parts/${part}` })),
    { path: dir, part: '' },
  ];
  const folders: RunFolder[] = [];
  for (const { path, part } of places)
    for (const epoch of (await epochsIn(path)).reverse()) {
      const folder = epochDir(path, epoch);
      const programs = (await namesIn(folder)).filter(name => /^program-\d+$/.test(name)).sort(byNumber);
      folders.push({ path: folder, epoch, program: part });
      for (const name of programs)
        folders.push({ path: join(folder, name), epoch, program: part === '' ? name : `${part}/${name}` });
    }
  return folders;
}

const byNumber = (a: string, b: string) => Number(a.replace(/\D/g, '')) - Number(b.replace(/\D/g, ''));

async function namesIn(folder: string): Promise<string[]> {
  const isFolder = await stat(folder).then(
    found => found.isDirectory(),
    () => false,
  );
  return isFolder ? await readdir(folder) : [];
}
