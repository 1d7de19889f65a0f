// The typed client of pool studies: what the CLI does with Temporal.
import type { StudyTable } from '../../plan/protocol.ts';
import type { Server } from '../connect.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { assertKind, kindOf, known, noControlWorker, queryTrial } from '../trials.ts';

/**
 * Sees that an id is that of a study.
 * @throws CommandFailure when there is none of that id, or when it is something else.
 */
export async function assertStudy(server: Server, id: string): Promise<void> {
  assertKind(id, await kindOf(server, id), 'study');
}

/**
 * A study's table, as its workflow knows it.
 * @throws CommandFailure when there is no such study, it could not be read, or there is no worker to ask.
 */
export async function studyTable(server: Server, id: string): Promise<StudyTable> {
  await assertStudy(server, id);
  const table = await queryTrial<StudyTable>(server, id, 'table');
  if (table) return table;
  const { status } = await known(server, id, () => server.client.workflow.getHandle(id).describe());
  if (status.name === 'FAILED')
    throw new CommandFailure(`study ${id} failed before it had a table: see \`dj-sandbox status ${id}\``, EXIT.failed);
  throw noControlWorker('study', id);
}
