import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EnvironmentRecord } from '../../../plan/manifest.ts';
import { alone } from '../alone.ts';
import { createOnce, writeAtomically } from '../atomic.ts';
import { JobFailure } from '../failure.ts';
import { adviceFor } from '../failure-causes.ts';
import { lastLines } from '../last-lines.ts';
import { sandboxHome } from '../paths.ts';
import { readRecord } from '../supervisor-files.ts';
import { attempt, isBeingMade, removeRemains } from './attempt.ts';
import { folderEnvironment } from './choose.ts';
import { ALWAYS, type Install, MANAGER_CALLS, OFFLINE } from './managers.ts';
import { condaPackages, packagesIn, versionOf } from './packages.ts';
import { runTool } from './tool.ts';
import { folderName, type WantedEnvironment } from './wanted.ts';

const QUOTED_LINES = 20;
const SAID_CHARS = 400;
const LOOK_EVERY_MS = 250;
/** How pip, uv and conda begin the line that says what was wrong. */
const ERROR_LINE = /^(?:ERROR:|error:|\s*[×╰]|\w*Error\b)/;

/** Where environments that dj-sandbox made for jobs are, one folder each: `.sandbox/environments`, or `$DJ_SANDBOX_ENVIRONMENTS`. */
export function environmentsHome(): string {
  return process.env.DJ_SANDBOX_ENVIRONMENTS ?? join(sandboxHome(), 'environments');
}

export type MadeEnvironment = EnvironmentRecord & { folder: string; identity: string };

export interface Making {
  signal: AbortSignal;
  /** Whether its manager may use the network. */
  network: boolean;
  /** Told once, where it is not there yet. */
  onMaking?: () => void;
}

/**
 * The environment that is wanted: the one that is there, or it is made, by one process of all that want it. It is made in a folder of its own
 * and counts when `environment.json` beside it says so: what was begun and not finished is never used.
 * Throws JobFailure where it cannot be made, with the manager's last words.
 */
export async function madeEnvironment(wanted: WantedEnvironment, making: Making): Promise<MadeEnvironment> {
  const dir = join(environmentsHome(), folderName(wanted));
  const found = await whole(dir);
  if (found) return found;
  making.onMaking?.();
  return await alone(dir, making.signal, async () => {
    for (;;) {
      const other = await whole(dir);
      if (other) return other;
      if (!(await isBeingMade(dir))) break;
      await sleep(LOOK_EVERY_MS, undefined, { signal: making.signal });
    }
    await removeUnfinished(dir);
    try {
      await attempt(dir, async folder => {
        await build(wanted, dir, folder, making);
        const record = await recordOf(wanted, folder, making.signal);
        await createOnce(recordPath(dir), `${JSON.stringify(record, null, 1)}\n`);
      });
    } catch (error) {
      const first = await whole(dir);
      if (first) return first;
      throw error;
    }
    const made = await whole(dir);
    if (!made) throw new Error(`what was made in ${dir} was removed`);
    return made;
  });
}

const recordPath = (dir: string) => join(dir, 'environment.json');

/** What is finished there, or null; an interpreter that is gone, such as after an upgrade of the system's, makes it unfinished. */
async function whole(dir: string): Promise<MadeEnvironment | null> {
  const record = await readRecord<MadeEnvironment>(recordPath(dir));
  return record && existsSync(join(record.folder, 'bin', 'python')) ? record : null;
}

async function removeUnfinished(dir: string): Promise<void> {
  await rm(recordPath(dir), { force: true });
  await removeRemains(dir, async folder => (await whole(dir))?.folder === folder);
}

/** All environments that are finished here. */
export async function allMade(): Promise<MadeEnvironment[]> {
  const home = environmentsHome();
  const names = await readdir(home).catch(() => [] as string[]);
  const records = await Promise.all(names.sort().map(name => whole(join(home, name))));
  return records.filter(record => record !== null);
}

async function build(wanted: WantedEnvironment, dir: string, folder: string, making: Making): Promise<void> {
  const { manager, python, config } = wanted;
  const calls = MANAGER_CALLS[manager];
  const log = join(dir, 'log.txt');
  await writeFile(log, '');
  const create = config !== null && calls.createFrom ? calls.createFrom(folder, config) : calls.create(folder, python);
  await call(wanted, create, dir, log, making);
  const what = await installOf(wanted, dir);
  if (what === null) return;
  // Paths in a requirements file are relative to it.
  const cwd = wanted.requirements && 'file' in wanted.requirements ? dirname(wanted.requirements.file) : dir;
  await call(wanted, calls.install(folder, what), cwd, log, making);
}

/** What is still to be installed, null where that is nothing. */
async function installOf({ requirements }: WantedEnvironment, dir: string): Promise<Install | null> {
  if (requirements === null) return null;
  if ('file' in requirements) return requirements;
  if ('folder' in requirements) return { editable: requirements.folder };
  if (requirements.list.length === 0) return null;
  await mkdir(dir, { recursive: true });
  const file = join(dir, 'requirements.txt');
  await writeAtomically(file, `${requirements.list.join('\n')}\n`);
  return { file };
}

async function call(
  wanted: WantedEnvironment,
  argv: string[],
  cwd: string,
  log: string,
  { signal, network }: Making,
): Promise<void> {
  const env = { ...ALWAYS, ...(network ? {} : OFFLINE) };
  if ((await runTool(argv, { cwd, env, log, signal })) === 0) return;
  const logTail = await lastLines(log, QUOTED_LINES);
  const said = whatWasSaid(logTail);
  const advice = adviceFor({ argv, cwd: environmentsHome(), signal: null, tail: logTail });
  const how = network ? '' : ' without the network';
  const then = advice ?? (network ? ASK_FOR_WHAT_THERE_IS : ASK_FOR_NETWORK);
  throw new JobFailure(`the ${wanted.manager} environment ${wanted.name} cannot be made${how}: ${said}; ${then}`, {
    logTail,
  });
}

const ASK_FOR_WHAT_THERE_IS =
  'correct `requirements`, or the index that they are looked for in; its log has every line';
const ASK_FOR_NETWORK =
  'make it beforehand on this host with `dj-sandbox env create --config <sandbox.yaml>`, or let the job use the network with env_network: true';

async function recordOf(wanted: WantedEnvironment, folder: string, signal: AbortSignal): Promise<MadeEnvironment> {
  const { name, manager, identity } = wanted;
  const managerVersion = await versionOf(MANAGER_CALLS[manager].version(), signal);
  const versions =
    manager === 'conda' || manager === 'mamba'
      ? await condaPackages(manager, ['--prefix', folder], signal)
      : await packagesIn(folderEnvironment(folder, 'its manager made none'), signal);
  return { name, manager, managerVersion, folder, identity, ...versions };
}

/** From the first line that tells of an error to the end, which says why; else the last line. */
function whatWasSaid(lines: readonly string[]): string {
  const from = lines.findIndex(line => ERROR_LINE.test(line));
  if (lines.length === 0) return 'it printed nothing';
  return lines
    .slice(from)
    .map(line => line.trim())
    .join(' ')
    .slice(0, SAID_CHARS);
}
