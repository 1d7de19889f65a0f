// The typed client of sweeps: what the CLI does with Temporal.
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { Leaderboard, SweepInput } from '../../plan/protocol.ts';
import type { Decision } from '../../plan/sweep/types.ts';
import type { Server } from '../connect.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { assertKind, kindOfType, known, noControlWorker, queryTrial, reason, trialInput } from '../trials.ts';

/**
 * Sees that an id is that of a sweep.
 * @throws CommandFailure when there is none of that id, or when it is something else.
 */
export async function assertSweep(server: Server, id: string): Promise<{ open: boolean; status: string }> {
  const description = await known(server, id, () => server.client.workflow.getHandle(id).describe(), 'sweep');
  const { type, status } = description;
  assertKind(id, kindOfType(type), 'sweep');
  return { open: status.name === 'RUNNING', status: status.name.toLowerCase() };
}

/**
 * A sweep's leaderboard, as its workflow knows it.
 * @throws CommandFailure when there is no such sweep, or no worker to ask.
 */
export async function sweepBoard(server: Server, id: string): Promise<Leaderboard> {
  await assertSweep(server, id);
  const board = await queryTrial<Leaderboard>(server, id, 'leaderboard');
  if (board) return board;
  throw noControlWorker('sweep', id);
}

/** The newest decisions; null where nobody answers. */
export async function newestDecisions(server: Server, id: string): Promise<Decision[] | null> {
  return await queryTrial<Decision[]>(server, id, 'decisions');
}

/**
 * What a sweep was started with.
 * @throws CommandFailure when there is no such sweep.
 */
export async function sweepInput(server: Server, id: string): Promise<SweepInput> {
  await assertSweep(server, id);
  return (await trialInput(server, id)) as SweepInput;
}

/**
 * Has a sweep do something that it may refuse; returns its answer.
 * @throws CommandFailure when there is no such sweep, it has ended, no worker answers, or it refuses.
 */
export async function steerSweep<T>(server: Server, id: string, update: string, wish: unknown): Promise<T> {
  await assertOpen(server, id);
  await sweepBoard(server, id);
  try {
    return await server.client.workflow.getHandle(id).executeUpdate<T, [unknown]>(update, { args: [wish] });
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError)
      throw new CommandFailure(reason(error), EXIT.badInput, { cause: error });
    throw error;
  }
}

async function assertOpen(server: Server, id: string): Promise<void> {
  const { open, status } = await assertSweep(server, id);
  if (!open) throw new CommandFailure(`sweep ${id} has ended (${status}): there is nothing to steer`);
}

/** Workflow id of a sweep's trial. */
export function trialIdOf(sweep: string, trial: number): string {
  return `${sweep}.trial-${trial}`;
}
