import type { Client } from '@temporalio/client';
import type { Followed } from './follow-file.ts';
import { type StoryLine, StoryTeller } from './story.ts';
import { appendStory, readStory, repairStory } from './story-file.ts';

/** The server answers a long poll without news after 20 s to a minute. */
const POLL_DEADLINE_MS = 90_000;

export interface FollowOptions {
  /** Waits for what is new until the run has ended; false: only what there is. */
  wait: boolean;
  signal: AbortSignal;
  onLines?: (lines: StoryLine[]) => void;
}

/**
 * Writes what a run's history says into its story.jsonl, from where that ends; only one process at a time may. Answers with whether the run has
 * ended. Throws where the server does not answer, or has no such run any more.
 */
export async function followHistory(
  client: Client,
  { id, runId }: Pick<Followed, 'id' | 'runId'>,
  folder: string,
  { wait, signal, onLines = () => {} }: FollowOptions,
): Promise<boolean> {
  await repairStory(folder);
  const told = await readStory(folder);
  if (told.at(-1)?.kind === 'end') return true;
  let known = told.at(-1);
  let run = known?.run ?? runId;
  const teller = new StoryTeller(whereItWas(told));
  for (;;) {
    let token: Uint8Array | null = null;
    do {
      signal.throwIfAborted();
      const { history, nextPageToken } = await client.connection.withAbortSignal(signal, () =>
        client.connection.withDeadline(Date.now() + POLL_DEADLINE_MS, () =>
          client.workflowService.getWorkflowExecutionHistory({
            namespace: client.options.namespace,
            execution: { workflowId: id, runId: run },
            waitNewEvent: wait,
            ...(token && { nextPageToken: token }),
          }),
        ),
      );
      const lines = (history?.events ?? []).flatMap(event => teller.lines(run, event));
      const newer = lines.filter(line => known === undefined || line.run !== known.run || line.event > known.event);
      await appendStory(folder, newer);
      if (newer.length > 0) onLines(newer);
      if (newer.at(-1)?.kind === 'end') return true;
      token = nextPageToken && nextPageToken.length > 0 ? nextPageToken : null;
    } while (token);
    if (teller.next === null) return false;
    run = teller.next;
    teller.next = null;
    known = undefined;
  }
}

/** Where a story was at the start of the run of its last line: that run is read again from its beginning. */
function whereItWas(told: readonly StoryLine[]): ConstructorParameters<typeof StoryTeller>[0] {
  const run = told.at(-1)?.run;
  const earlier = told.filter(line => line.run !== run);
  const state = earlier.findLast(line => line.kind === 'state');
  return state?.kind === 'state' ? { state: state.state } : {};
}
