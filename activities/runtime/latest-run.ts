import { type Client, WorkflowNotFoundError } from '@temporalio/client';

/** A server that does not answer in this time says nothing. */
const ANSWER_MS = 5_000;
/** Of a workflow's status. */
const OPEN = ['RUNNING', 'CONTINUED_AS_NEW', 'PAUSED'];

export function isOpen(status: string): boolean {
  return OPEN.includes(status);
}

/**
 * Whether the newest run of a workflow goes on. Described without run id: only when the newest run has ended does nobody go on. `unknown`:
 * the server cannot be reached.
 */
export async function latestRun(
  client: Client,
  workflowId: string,
): Promise<'open' | 'closed' | 'missing' | 'unknown'> {
  try {
    const { status } = await client.connection.withDeadline(Date.now() + ANSWER_MS, () =>
      client.workflow.getHandle(workflowId).describe(),
    );
    return isOpen(status.name) ? 'open' : 'closed';
  } catch (error) {
    return error instanceof WorkflowNotFoundError ? 'missing' : 'unknown';
  }
}
