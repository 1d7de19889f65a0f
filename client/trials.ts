// The typed client of trials (and of what sweeps share with them): what the CLI does with Temporal.
import {
  defaultPayloadConverter,
  type WorkflowExecutionDescription,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import {
  ApplicationFailure,
  defineSearchAttributeKey,
  SearchAttributeType,
  type TypedSearchAttributes,
} from '@temporalio/common';
import type { Json } from '../plan/plan.ts';
import {
  CONTROL_QUEUE,
  type StudyInput,
  type SweepInput,
  type TrialInput,
  type TrialProgress,
} from '../plan/protocol.ts';
import type { Server } from './connect.ts';
import { CommandFailure, EXIT } from './failure.ts';
import { nearest } from './nearest.ts';

export const ATTRIBUTES = {
  project: defineSearchAttributeKey('SandboxProject', SearchAttributeType.KEYWORD),
  experiment: defineSearchAttributeKey('SandboxExperiment', SearchAttributeType.KEYWORD),
  stage: defineSearchAttributeKey('SandboxStage', SearchAttributeType.KEYWORD),
  job: defineSearchAttributeKey('SandboxJob', SearchAttributeType.KEYWORD),
  state: defineSearchAttributeKey('SandboxState', SearchAttributeType.KEYWORD),
};

/** Each run of a sweep or study that continued as new is listed by itself; only the last counts. */
const TYPES =
  "WorkflowType IN ('sandboxTrial', 'sandboxSweep', 'sandboxPoolStudy') AND ExecutionStatus != 'ContinuedAsNew'";
const SWEEP_TYPE = 'sandboxSweep';
const STUDY_TYPE = 'sandboxPoolStudy';
const KINDS: Record<string, Kind> = { [SWEEP_TYPE]: 'sweep', [STUDY_TYPE]: 'study' };
/** What a workflow type is in our words. */
export const kindOfType = (type: string): Kind => KINDS[type] ?? 'trial';
const RPC_TIMEOUT_MS = 5_000;

export type Kind = 'trial' | 'sweep' | 'study';

/** A trial, a sweep or a pool study. */
export interface TrialRow {
  id: string;
  runId: string;
  kind: Kind;
  /** Workflow id of the sweep or study that it belongs to. */
  sweep: string | null;
  status: string;
  state: string;
  project: string;
  experiment: string;
  stage: string;
  job: string;
  startedAt: string;
  closedAt: string | null;
}

export interface StartOptions {
  id: string;
  project: string;
  experiment: string;
  /** One line for the Web UI. */
  summary: string;
  /** Markdown for the Web UI. */
  details: string;
}

/**
 * Starts a trial.
 * @throws CommandFailure when a trial of that id is open, or the server lacks the search attributes.
 */
export async function startTrial(server: Server, input: TrialInput, options: StartOptions): Promise<{ runId: string }> {
  const taken = async () =>
    `a trial with id ${options.id} is running already: choose another --id, or watch it with \`dj-sandbox watch ${options.id}\``;
  return await start(server, input, options, { type: 'sandboxTrial', kind: 'trial', state: 'compiling', taken });
}

/**
 * Starts a sweep or a study.
 * @throws CommandFailure when there is or was anything of that id: the trials of both would have the same ids.
 */
export async function startParent(
  server: Server,
  kind: 'sweep' | 'study',
  input: SweepInput | StudyInput,
  options: StartOptions,
): Promise<{ runId: string }> {
  const type = kind === 'sweep' ? SWEEP_TYPE : STUDY_TYPE;
  const taken = async () => {
    const there = await within(server, () => server.client.workflow.getHandle(options.id).describe());
    const status = there.status.name;
    const state = status === 'RUNNING' ? 'it runs' : `it has ended (${status.toLowerCase()})`;
    return `there is a ${kindOfType(there.type)} with id ${options.id} already (${state}), and their trials would have the same ids: choose another --id`;
  };
  return await start(server, input, options, { type, kind, state: 'opening', reuse: 'REJECT_DUPLICATE', taken });
}

interface Start {
  type: string;
  kind: Kind;
  /** Until the workflow says its own. */
  state: string;
  reuse?: 'REJECT_DUPLICATE';
  /** What to say where the id is in use. */
  taken: () => Promise<string>;
}

async function start(
  server: Server,
  input: object,
  { id, summary, details, project, experiment }: StartOptions,
  { type, kind, state, reuse, taken }: Start,
): Promise<{ runId: string }> {
  try {
    const handle = await within(server, () =>
      server.client.workflow.start(type, {
        taskQueue: CONTROL_QUEUE,
        workflowId: id,
        ...(reuse && { workflowIdReusePolicy: reuse }),
        args: [input],
        staticSummary: summary,
        staticDetails: details,
        typedSearchAttributes: [
          { key: ATTRIBUTES.project, value: project },
          { key: ATTRIBUTES.experiment, value: experiment },
          { key: ATTRIBUTES.state, value: state },
        ],
      }),
    );
    return { runId: handle.firstExecutionRunId };
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowExecutionAlreadyStartedError')
      throw new CommandFailure(await taken(), EXIT.badInput, { cause: error });
    throw new CommandFailure(`the server at ${server.address} refused the ${kind}: ${reason(error)}`, EXIT.failed, {
      cause: error,
    });
  }
}

/** Which trials and sweeps are listed: `own` leaves out the trials of sweeps. */
export type Listed = 'all' | 'own' | 'sweeps';

const LISTED: Record<Listed, string> = {
  all: TYPES,
  own: `${TYPES} AND ParentWorkflowId IS NULL`,
  sweeps: `WorkflowType = '${SWEEP_TYPE}' AND ExecutionStatus != 'ContinuedAsNew'`,
};

/** Trials and sweeps in the server's order (those that run, then those that ended last), at most `limit`. */
export async function listTrials(server: Server, limit: number, listed: Listed = 'all'): Promise<TrialRow[]> {
  const rows: TrialRow[] = [];
  for await (const info of server.client.workflow.list({ query: LISTED[listed], pageSize: Math.min(limit, 1000) })) {
    rows.push({
      id: info.workflowId,
      runId: info.runId,
      kind: kindOfType(info.type),
      sweep: info.parentExecution?.workflowId ?? null,
      status: info.status.name,
      state: stateOfRow(info.status.name, info.typedSearchAttributes),
      project: info.typedSearchAttributes.get(ATTRIBUTES.project) ?? '',
      experiment: info.typedSearchAttributes.get(ATTRIBUTES.experiment) ?? '',
      stage: info.typedSearchAttributes.get(ATTRIBUTES.stage) ?? '',
      job: info.typedSearchAttributes.get(ATTRIBUTES.job) ?? '',
      startedAt: info.startTime.toISOString(),
      closedAt: info.closeTime?.toISOString() ?? null,
    });
    if (rows.length >= limit) break;
  }
  return rows;
}

/** A workflow that was ended from outside could not write its own state. */
function stateOfRow(status: string, attributes: TypedSearchAttributes): string {
  if (status === 'TERMINATED' || status === 'CANCELLED') return 'stopped';
  if (status === 'FAILED' || status === 'TIMED_OUT') return 'failed';
  return attributes.get(ATTRIBUTES.state) ?? status.toLowerCase();
}

/**
 * Sends a signal to a trial, a sweep or a study; returns which of them it is.
 * @throws CommandFailure when there is none of that id, it is none of the `wanted` kind, or it has ended.
 */
export async function signalRun(
  server: Server,
  id: string,
  signal: 'pause' | 'resume' | 'stop',
  wanted?: Kind,
): Promise<Kind> {
  const handle = server.client.workflow.getHandle(id);
  return await known(server, id, async () => {
    const { status, type } = await handle.describe();
    const kind = kindOfType(type);
    if (wanted !== undefined) assertKind(id, kind, wanted);
    if (status.name !== 'RUNNING')
      throw new CommandFailure(`${kind} ${id} has ended (${status.name.toLowerCase()}): there is nothing to ${signal}`);
    await handle.signal(signal);
    return kind;
  });
}

/** @throws CommandFailure when a run is of another kind than is asked for. */
export function assertKind(id: string, kind: Kind, wanted: Kind): void {
  if (kind !== wanted)
    throw new CommandFailure(
      `${id} is a ${kind}, not a ${wanted}: see \`dj-sandbox status ${id}\`, and \`dj-sandbox list\``,
    );
}

/**
 * Whether an id is that of a trial, a sweep or a study.
 * @throws CommandFailure when there is none of that id.
 */
export async function kindOf(server: Server, id: string): Promise<Kind> {
  return kindOfType((await describeRun(server, id)).type);
}

/** What the server says of a trial, sweep or study. */
export type Described = WorkflowExecutionDescription;

/**
 * Asks the server what it knows of a trial, sweep or study.
 * @throws CommandFailure when there is none of that id.
 */
export async function describeRun(server: Server, id: string, kind?: Kind): Promise<Described> {
  return await known(server, id, () => server.client.workflow.getHandle(id).describe(), kind);
}

/**
 * Sends an update to a trial that runs, and returns its answer.
 * @throws CommandFailure when there is no such trial, it has ended, no worker answers, or the trial refuses it.
 */
export async function updateTrial<T>(server: Server, id: string, update: string, args: unknown): Promise<T> {
  const handle = server.client.workflow.getHandle(id);
  await known(server, id, async () => {
    const { status } = await handle.describe();
    if (status.name !== 'RUNNING')
      throw new CommandFailure(`trial ${id} has ended (${status.name.toLowerCase()}): start another instead`);
  });
  await trialProgress(server, id);
  try {
    return await handle.executeUpdate<T, [unknown]>(update, { args: [args] });
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError)
      throw new CommandFailure(reason(error), EXIT.badInput, { cause: error });
    throw error;
  }
}

/**
 * Where a trial stands, as its workflow says.
 * @throws CommandFailure when there is no such trial, or no worker to ask.
 */
export async function trialProgress(server: Server, id: string): Promise<TrialProgress> {
  const progress = await known(server, id, () => queryTrial<TrialProgress>(server, id, 'progress'));
  if (progress) return progress;
  throw await silent(server, id);
}

/**
 * What a trial was started with.
 * @throws CommandFailure when there is no such trial.
 */
export async function trialInput(server: Server, id: string): Promise<TrialInput> {
  const { history } = await known(server, id, () =>
    server.client.workflowService.getWorkflowExecutionHistory({
      namespace: server.namespace,
      execution: { workflowId: id },
      maximumPageSize: 1,
    }),
  );
  const [payload] = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  if (!payload) throw new CommandFailure(`the server no longer knows what trial ${id} was started with`);
  return defaultPayloadConverter.fromPayload<TrialInput>(payload);
}

/** Why no trial of that id answers. */
async function silent(server: Server, id: string): Promise<CommandFailure> {
  const kind = await kindOf(server, id);
  if (kind !== 'trial')
    return new CommandFailure(
      `${id} is a ${kind}, not a trial: see \`dj-sandbox ${kind} --help\` for what it can be asked`,
    );
  return noControlWorker('trial', id);
}

/** What to say where nobody answers for a trial or sweep. */
export function noControlWorker(kind: Kind, id: string): CommandFailure {
  return new CommandFailure(
    `${kind} ${id} does not answer: no control worker runs; start one with \`dj-sandbox worker --control\` or \`npm run dev\``,
    EXIT.failed,
  );
}

/**
 * Results by pipeline, meta_name and output.
 * @throws CommandFailure when there is no such trial, or no worker to ask.
 */
export async function trialContext(
  server: Server,
  id: string,
): Promise<Record<string, Record<string, Record<string, Json>>>> {
  const context = await known(server, id, () =>
    queryTrial<Record<string, Record<string, Record<string, Json>>>>(server, id, 'context'),
  );
  if (context) return context;
  throw await silent(server, id);
}

/** Answers of a trial's queries; null while no control worker answers. */
export async function queryTrial<T>(server: Server, id: string, query: string, timeoutMs = 2_500): Promise<T | null> {
  try {
    return await server.client.connection.withDeadline(Date.now() + timeoutMs, () =>
      server.client.workflow.getHandle(id).query<T>(query),
    );
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw error;
    return null;
  }
}

/**
 * Runs a request about a trial or sweep.
 * @throws CommandFailure with ids that are near when there is none of that id.
 */
export async function known<T>(
  server: Server,
  id: string,
  request: () => Promise<T>,
  kind: Kind = 'trial',
): Promise<T> {
  try {
    return await within(server, request);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    const ids = (await listTrials(server, 200, kind === 'sweep' ? 'sweeps' : 'all')).map(row => row.id);
    const near = nearest(id, ids);
    const hint =
      near.length > 0
        ? `did you mean ${near.join(' or ')}?`
        : ids.length > 0
          ? `see \`dj-sandbox ${kind === 'sweep' ? 'sweep ' : ''}list\``
          : 'none has run there yet';
    throw new CommandFailure(`there is no ${kind} ${id} at ${server.address}: ${hint}`, EXIT.badInput, {
      cause: error,
    });
  }
}

/** Why a request failed, from the innermost cause that has words. */
export function reason(error: unknown): string {
  let current = error;
  while (current instanceof Error && current.cause instanceof Error && !(current instanceof ApplicationFailure))
    current = current.cause;
  if (current instanceof Error && 'details' in current && typeof current.details === 'string' && current.details)
    return current.details;
  return current instanceof Error ? current.message : String(current);
}

/** Runs a request with a deadline of a few seconds. */
export async function within<T>(server: Server, request: () => Promise<T>): Promise<T> {
  return await server.client.connection.withDeadline(Date.now() + RPC_TIMEOUT_MS, request);
}
