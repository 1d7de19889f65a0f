import type { Server } from './connect.ts';
import { runningActivity } from './observe.ts';
import type { RunningActivity } from './snapshot.ts';
import { within } from './trials.ts';

/** What a trial's first pending activity does; null where the server does not tell just now, or it has none. */
export async function runningActivityOf(server: Server, trial: string): Promise<RunningActivity | null> {
  const handle = server.client.workflow.getHandle(trial);
  const description = await within(server, () => handle.describe()).catch(() => null);
  const [activity] = (description?.raw.pendingActivities ?? []).map(runningActivity);
  return activity ?? null;
}
