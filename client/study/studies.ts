// The typed client of pool studies: what the CLI does with Temporal.
import { CONTROL_QUEUE, type StudyInput, type StudyTable } from '../../plan/protocol.ts';
import type { Server } from '../connect.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import {
  ATTRIBUTES,
  kindOf,
  known,
  noControlWorker,
  queryTrial,
  reason,
  STUDY_TYPE,
  type StartOptions,
  within,
} from '../trials.ts';

/**
 * Starts a study.
 * @throws CommandFailure when there is or was a study, sweep or trial of that id: the trials of both would have the same ids.
 */
export async function startStudy(server: Server, input: StudyInput, options: StartOptions): Promise<{ runId: string }> {
  try {
    const handle = await within(server, () =>
      server.client.workflow.start(STUDY_TYPE, {
        taskQueue: CONTROL_QUEUE,
        workflowId: options.id,
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        args: [input],
        staticSummary: options.summary,
        staticDetails: options.details,
        typedSearchAttributes: [
          { key: ATTRIBUTES.project, value: options.project },
          { key: ATTRIBUTES.experiment, value: options.experiment },
          { key: ATTRIBUTES.state, value: 'opening' },
        ],
      }),
    );
    return { runId: handle.firstExecutionRunId };
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowExecutionAlreadyStartedError')
      throw new CommandFailure(
        `there is a ${await kindOf(server, options.id)} with id ${options.id} already, and their trials would have the same ids: choose another --id`,
        EXIT.badInput,
        { cause: error },
      );
    throw new CommandFailure(`the server at ${server.address} refused the study: ${reason(error)}`, EXIT.failed, {
      cause: error,
    });
  }
}

/**
 * Sees that an id is that of a study.
 * @throws CommandFailure when there is none of that id, or when it is something else.
 */
export async function assertStudy(server: Server, id: string): Promise<void> {
  const kind = await kindOf(server, id);
  if (kind !== 'study')
    throw new CommandFailure(
      `${id} is a ${kind}, not a study: see \`dj-sandbox status ${id}\`, and \`dj-sandbox list\``,
    );
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
