import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { TagStatus } from '../../plan/protocol.ts';

/** A live worker's long poll is renewed at least every 60 s, so that an older one belongs to a worker that is gone. */
const POLL_AGE_MS = 70_000;

/** Whether any worker polls a tag's queue, by the age of the polls that the server remembers. */
export async function tagStatus(client: Client, tag: string, now = Date.now()): Promise<TagStatus> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: tag },
    taskQueueType: proto.temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
  });
  const lastSeen = Math.max(0, ...(pollers ?? []).map(poller => Number(poller.lastAccessTime?.seconds ?? 0) * 1000));
  if (now - lastSeen < POLL_AGE_MS) return { served: true, message: `all workers with tag ${tag} are busy` };
  const seen =
    lastSeen === 0 ? 'none was seen lately' : `the last one was seen ${Math.round((now - lastSeen) / 1000)} s ago`;
  return {
    served: false,
    message: `no worker serves tag ${tag} (${seen}): start one with \`dj-sandbox worker --tags ${tag}\``,
  };
}
