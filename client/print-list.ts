import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { wholeNumber } from './arguments.ts';
import { CommandFailure, EXIT } from './failure.ts';
import { type Listed, listLines } from './list-view.ts';
import { printJson } from './output.ts';
import type { RunRow } from './record/runs/run-row.ts';
import { runsOnDisk } from './record/runs/runs-on-disk.ts';
import { workDirsNear } from './record/work-dirs-near.ts';

export interface ListOptions {
  limit: string;
  /** Also the trials of sweeps and studies. */
  all?: boolean;
  json?: boolean;
  workDir?: string;
}

/**
 * Prints trials, sweeps and studies: of the server; with `workDir`, and where no server answers, those whose files are there.
 * @throws CommandFailure when `workDir` is not there, or neither a server nor files of runs are.
 */
export async function printList(options: ListOptions): Promise<void> {
  const limit = wholeNumber('--limit', options.limit, 1);
  const { workDir } = options;
  if (workDir !== undefined) {
    if (!existsSync(workDir)) throw new CommandFailure(`--work-dir ${workDir}: there is no such folder`);
    return printRows(await onDisk([resolve(workDir)], options), limit, options);
  }
  const [{ connect }, { listTrials }] = [await import('./connect.ts'), await import('./trials.ts')];
  let server: Awaited<ReturnType<typeof connect>>;
  try {
    server = await connect();
  } catch (error) {
    const isAway = error instanceof CommandFailure && error.exitCode === EXIT.failed;
    const near = isAway ? await workDirsNear(process.cwd()) : [];
    if (near.length === 0) throw error;
    printRows(await onDisk(near, options), limit, options);
    process.stderr.write(`note: from the files below this folder alone: ${(error as Error).message}\n`);
    return;
  }
  try {
    printRows(await listTrials(server, limit, options.all ? 'all' : 'own'), limit, options);
  } finally {
    await server.close();
  }
}

/** As the server's rows are; `runId` and `status` are the server's alone. */
async function onDisk(workDirs: readonly string[], { all = false }: ListOptions): Promise<Listed[]> {
  return (await runsOnDisk(workDirs)).filter(({ parent }) => all || parent === null).map(listed);
}

function listed({ parent, progress, objective, startedAt, closedAt, ...row }: RunRow): Listed {
  return {
    ...row,
    ...{ runId: null, status: null, sweep: parent, progress, objective },
    startedAt: new Date(startedAt).toISOString(),
    ...{ closedAt: closedAt === null ? null : new Date(closedAt).toISOString() },
  };
}

function printRows(rows: readonly Listed[], limit: number, { json = false }: ListOptions): void {
  const shown = rows.slice(0, limit);
  if (json) printJson(shown);
  else for (const line of listLines(shown, process.stdout.columns ?? 160)) console.log(line);
}
