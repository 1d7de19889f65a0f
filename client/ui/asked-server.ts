// The Temporal server as pages ask it: one connection for all of them, and no page waits long for it.
import type { Leaderboard, StudyTable, TrialResult } from '../../plan/protocol.ts';
import { connect, type Server, serverAddress } from '../connect.ts';
import { endOf, observe, runningActivity } from '../observe.ts';
import { isOpen } from '../snapshot.ts';
import { listTrials, queryTrial, type TrialRow, within } from '../trials.ts';
import { isOver } from './list-query.ts';
import type { Said } from './run-now.ts';
import type { SeenRun } from './runs.ts';

/** More are not listed: what is on disk is shown whether the server lists it or not. */
const MOST_LISTED = 10_000;

/** Asks one server; connects when it is first needed, and again after it was away. */
export class AskedServer {
  readonly address = serverAddress().address;
  #server: Promise<Server> | null = null;

  async list(): Promise<TrialRow[]> {
    return await this.#with(server => listTrials(server, MOST_LISTED, 'all'));
  }

  /** What it says of a run; null where it does not answer or knows none of that id. */
  async say(run: SeenRun): Promise<Said | null> {
    try {
      return await this.#with(server => (run.kind === 'trial' ? sayTrial(server, run) : sayParent(server, run)));
    } catch {
      return null;
    }
  }

  async close(): Promise<void> {
    await (await this.#server?.catch(() => null))?.close();
  }

  async #with<T>(work: (server: Server) => Promise<T>): Promise<T> {
    this.#server ??= connect();
    const server = await this.#server.catch(error => {
      this.#server = null;
      throw error;
    });
    return await work(server);
  }
}

async function sayTrial(server: Server, run: SeenRun): Promise<Said> {
  // Of one that has ended no worker needs to be asked.
  if (isOver(run.state)) {
    const { status } = await within(server, () => server.client.workflow.getHandle(run.id).describe());
    const { result, failure } = await endOf<TrialResult>(server, run.id, status.name);
    const [, workDir] = /^(.+)\/trials\/[^/]+$/.exec(result?.trialDir ?? '') ?? [];
    return { message: failure?.message ?? result?.why ?? null, activities: [], workDir: workDir ?? null };
  }
  const snapshot = await observe(server, run.id);
  const { progress, activities, failure, waitingFor } = snapshot;
  const message = failure?.message ?? waitingFor ?? progress?.waitingFor ?? null;
  return { message, activities, workDir: progress?.workDir ?? null };
}

async function sayParent(server: Server, run: SeenRun): Promise<Said> {
  const description = await within(server, () => server.client.workflow.getHandle(run.id).describe());
  const { name } = description.status;
  const activities = (description.raw.pendingActivities ?? []).map(runningActivity);
  if (!isOpen(name)) {
    const { result, failure } = await endOf<{ reason?: string }>(server, run.id, name);
    return { message: failure?.message ?? result?.reason ?? null, activities, workDir: null };
  }
  if (run.kind === 'study') {
    const table = await queryTrial<StudyTable>(server, run.id, 'table');
    return { message: table?.message ?? null, activities, workDir: table?.workDir ?? null, table };
  }
  const board = await queryTrial<Leaderboard>(server, run.id, 'leaderboard');
  return { message: board?.message ?? null, activities, workDir: board?.workDir ?? null };
}
