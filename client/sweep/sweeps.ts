// The typed client of sweeps: what the CLI does with Temporal.
import { QueryNotRegisteredError, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import type { Leaderboard, SweepInput, SweepStanding } from '../../plan/protocol.ts';
import type { Decision } from '../../plan/sweep/types.ts';
import type { Server } from '../connect.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import {
  assertKind,
  type Described,
  describeRun,
  kindOfType,
  noControlWorker,
  queryTrial,
  reason,
  trialInput,
} from '../trials.ts';

const ASK_MS = 2_500;

/**
 * Sees that an id is that of a sweep.
 * @throws CommandFailure when there is none of that id, or when it is something else.
 */
export async function assertSweep(
  server: Server,
  id: string,
): Promise<{ open: boolean; status: string; described: Described }> {
  const described = await describeRun(server, id, 'sweep');
  const { type, status } = described;
  assertKind(id, kindOfType(type), 'sweep');
  return { open: status.name === 'RUNNING', status: status.name.toLowerCase(), described };
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

const NO_ANSWER = { board: null, decisions: null };

/** Leaderboard and newest decisions, each null where nobody answers. A worker of an earlier version is asked for each. */
export async function standingOf(
  server: Server,
  id: string,
): Promise<SweepStanding | { board: Leaderboard | null; decisions: Decision[] | null }> {
  try {
    return await server.client.connection.withDeadline(Date.now() + ASK_MS, () =>
      server.client.workflow.getHandle(id).query<SweepStanding>('standing'),
    );
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw error;
    if (!(error instanceof QueryNotRegisteredError)) return NO_ANSWER;
  }
  const board = await queryTrial<Leaderboard>(server, id, 'leaderboard');
  return { board, decisions: board && (await newestDecisions(server, id)) };
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
