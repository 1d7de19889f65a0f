import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { writeAtomically } from '../atomic.ts';
import { bootId, startOf } from '../host-clock.ts';
import { readRecord } from '../supervisor-files.ts';

/** Who makes an environment: a process by more than its id, which another may get. */
interface Maker {
  host: string;
  boot: string;
  pid: number;
  start: number | null;
}

const NAME = /^(made-[0-9a-f]{8})(?:\.maker\.json)?$/;
const makerPath = (folder: string) => `${folder}.maker.json`;

/** Folders that this process is filling. */
const own = new Set<string>();

/** Runs `work` on a folder of its own in `dir`; who looks there meanwhile knows that its maker lives. Where it throws the folder goes. */
export async function attempt<T>(dir: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = join(dir, `made-${randomBytes(4).toString('hex')}`);
  const maker: Maker = { host: hostname(), boot: await bootId(), pid: process.pid, start: await startOf(process.pid) };
  own.add(folder);
  try {
    await writeAtomically(makerPath(folder), JSON.stringify(maker));
    return await work(folder);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  } finally {
    await rm(makerPath(folder), { force: true });
    own.delete(folder);
  }
}

/** Whether a process of this host is making one in `dir`. A lock alone does not say: who sleeps for longer than it lasts still works. */
export async function isBeingMade(dir: string): Promise<boolean> {
  const states = await Promise.all((await foldersIn(dir)).map(stateOf));
  return states.includes('lives');
}

/** Removes what makers of this host began and did not finish. A maker goes after it has finished: that is asked last. */
export async function removeRemains(dir: string, isFinished: (folder: string) => Promise<boolean>): Promise<void> {
  for (const folder of await foldersIn(dir)) {
    if ((await stateOf(folder)) !== 'dead' || (await isFinished(folder))) continue;
    await rm(folder, { recursive: true, force: true });
    await rm(makerPath(folder), { force: true });
  }
}

async function foldersIn(dir: string): Promise<string[]> {
  const names = (await readdir(dir)).flatMap(name => NAME.exec(name)?.[1] ?? []);
  return [...new Set(names)].map(name => join(dir, name));
}

/** A folder without a maker is finished, or of one that had no time to remove it; `away`: of another host, or of another boot of one. */
async function stateOf(folder: string): Promise<'lives' | 'dead' | 'away'> {
  if (own.has(folder)) return 'lives';
  const maker = await readRecord<Maker>(makerPath(folder));
  if (maker === null) return 'dead';
  if (maker.host !== hostname()) return 'away';
  const lives =
    maker.boot === (await bootId()) && (await startOf(maker.pid)) === maker.start && maker.pid !== process.pid;
  return lives ? 'lives' : 'dead';
}
