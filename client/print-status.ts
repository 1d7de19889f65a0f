import { connect, type Server } from './connect.ts';
import { CommandFailure, EXIT } from './failure.ts';
import { observe } from './observe.ts';
import { printJson } from './output.ts';
import { paintFor } from './paint.ts';
import { printStatusOnDisk, type StatusOptions } from './record/status-on-disk.ts';
import { statusJson, statusLines } from './status-view.ts';
import { printStudyStatus } from './study/print-study.ts';
import { printSweepStatus } from './sweep/print-status.ts';
import { describeRun, kindOfType } from './trials.ts';

/**
 * Prints where a trial, sweep or study stands: as the server knows; with `workDir`, and where none answers, as its files tell.
 * @throws CommandFailure when there is none of that id, or no server and no files of it.
 */
export async function printStatus(id: string, options: StatusOptions): Promise<void> {
  const { workDir } = options;
  if (workDir !== undefined) {
    if (await printStatusOnDisk(id, options)) return;
    throw new CommandFailure(`there is no trial, sweep or study ${id} in ${workDir}`);
  }
  let server: Server;
  try {
    server = await connect();
  } catch (error) {
    const isAway = error instanceof CommandFailure && error.exitCode === EXIT.failed;
    if (!isAway || !(await printStatusOnDisk(id, options))) throw error;
    process.stderr.write(`note: from the files alone: ${error.message}\n`);
    return;
  }
  try {
    await printOfServer(server, id, options);
  } finally {
    await server.close();
  }
}

async function printOfServer(server: Server, id: string, options: StatusOptions): Promise<void> {
  const described = await describeRun(server, id);
  const kind = kindOfType(described.type);
  if (kind === 'study') return await printStudyStatus(server, id, options);
  if (kind === 'sweep') return await printSweepStatus(server, id, options, described);
  const snapshot = await observe(server, id, null, described);
  if (options.json) return printJson(statusJson(snapshot));
  const size = { width: process.stdout.columns ?? 160, paint: paintFor(process.stdout) };
  for (const line of statusLines(snapshot, size)) console.log(line);
}
