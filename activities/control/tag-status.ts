import type { Client } from '@temporalio/client';
import proto, { type temporal } from '@temporalio/proto';
import type { TagStatus } from '../../plan/protocol.ts';

const { WORKER_STATUS_RUNNING: RUNNING } = proto.temporal.api.enums.v1.WorkerStatus;
/** gRPC status of a server that does not know the call. */
const UNIMPLEMENTED = 12;
/** Our workers tell the server every 10 s that they live, also while all their slots are taken and they do not poll. */
const HEARTBEAT_AGE_MS = 30_000;
/** Where the server keeps no list of workers: a long poll is renewed at least every 60 s. */
const POLL_AGE_MS = 70_000;
/** A poll so new is that of a worker that has just started and has told nothing yet. */
const NEW_POLL_MS = 15_000;

/** When workers of a tag were last heard of, in milliseconds since the epoch. */
export interface Seen {
  /** Null where the server keeps no list of workers. */
  heartbeats: number[] | null;
  polls: number[];
}

/** Whether any worker serves a tag's queue, as far as the server knows. */
export async function tagStatus(client: Client, tag: string): Promise<TagStatus> {
  const { namespace } = client.options;
  const [workers, { pollers }] = await Promise.all([
    workersOf(client, tag),
    client.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: tag },
      taskQueueType: proto.temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
    }),
  ]);
  const heartbeats = workers?.map(({ workerHeartbeat }) => msOf(workerHeartbeat?.heartbeatTime)) ?? null;
  return judge(tag, { heartbeats, polls: (pollers ?? []).map(poller => msOf(poller.lastAccessTime)) }, Date.now());
}

/** What the signs of life of a tag's workers mean. */
export function judge(tag: string, { heartbeats, polls }: Seen, now: number): TagStatus {
  const newest = (times: number[] | null) => Math.max(0, ...(times ?? []));
  const pollsCount = heartbeats === null ? POLL_AGE_MS : NEW_POLL_MS;
  if (now - newest(heartbeats) < HEARTBEAT_AGE_MS || now - newest(polls) < pollsCount)
    return { served: true, message: `all workers with tag ${tag} were busy: the job starts when one is free` };
  const last = Math.max(newest(heartbeats), newest(polls));
  const seen = last === 0 ? 'none was seen lately' : `the last one was seen ${Math.round((now - last) / 1000)} s ago`;
  return {
    served: false,
    message: `no worker serves tag ${tag} (${seen}): start one with \`dj-sandbox worker --tags ${tag}\``,
  };
}

/** Workers that poll a queue and have not said that they stop; null where the server keeps no list. */
async function workersOf(client: Client, tag: string): Promise<temporal.api.worker.v1.IWorkerInfo[] | null> {
  try {
    const request = { namespace: client.options.namespace, query: `TaskQueue="${tag}"`, pageSize: 1_000 };
    const { workersInfo } = await client.workflowService.listWorkers(request);
    return (workersInfo ?? []).filter(({ workerHeartbeat }) => workerHeartbeat?.status === RUNNING);
  } catch (error) {
    if ((error as { code?: number }).code === UNIMPLEMENTED) return null;
    throw error;
  }
}

function msOf(time: { seconds?: unknown } | null | undefined): number {
  return Number(time?.seconds ?? 0) * 1000;
}
