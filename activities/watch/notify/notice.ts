import { createHash } from 'node:crypto';
import type { Notifier } from '../../../plan/watching.ts';
import type { Followed } from '../follow-file.ts';
import type { StoryLine } from '../story.ts';

type What = NonNullable<Notifier['events']>[number];

/** What a notification says: the JSON that commands read and webhooks get. */
export interface Notice {
  version: 1;
  /** The same for one event, however often it is delivered. */
  id: string;
  /** When it happened, ISO 8601. */
  at: string;
  what: What;
  kind: Followed['kind'];
  run: { id: string; runId: string; project: string; experiment: string; workDir: string; sweep: string | null };
  /** Why it ended, in a sentence. */
  why: string | null;
  /** Targets that were met. */
  targets: { target: string; value: unknown }[];
}

const DEFAULT_EVENTS: readonly What[] = ['waiting', 'done', 'failed', 'stopped', 'target'];
const ID_CHARS = 32;

/** What a line of a run's story is worth telling to a notifier; null: nothing. */
export function noticeOf(
  followed: Followed,
  line: StoryLine,
  events: readonly string[] = DEFAULT_EVENTS,
): Notice | null {
  const what = whatOf(line);
  if (what === null || !events.includes(what)) return null;
  const { id, runId, project, experiment, workDir, sweep } = followed;
  const name = [id, line.run, line.event, what];
  return {
    version: 1,
    id: createHash('sha256').update(JSON.stringify(name)).digest('hex').slice(0, ID_CHARS),
    at: new Date(line.t * 1000).toISOString(),
    what,
    kind: followed.kind,
    run: { id, runId, project, experiment, workDir, sweep: sweep?.id ?? null },
    why: line.kind === 'end' ? line.why : null,
    targets: line.kind === 'targets' ? line.targets : [],
  };
}

function whatOf(line: StoryLine): What | null {
  if (line.kind === 'targets') return 'target';
  return line.kind === 'state' || line.kind === 'end' ? (line.state as What) : null;
}
