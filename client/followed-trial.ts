import { failureLines } from './failure-view.ts';
import type { Followed } from './follow.ts';
import { liveLines } from './live-view.ts';
import { observe, observeOrWait } from './observe.ts';
import { PlainView } from './plain-view.ts';
import { type Snapshot, stateOf } from './snapshot.ts';
import { statusJson } from './status-view.ts';
import { readSummary } from './summary.ts';
import { summaryLines } from './summary-view.ts';

export const followedTrial: Followed<Snapshot> = {
  name: 'trial',
  stop: 'dj-sandbox stop',
  observe,
  observeOrWait,
  live: liveLines,
  plain: () => new PlainView(),
  every: 500,
  summary: async (seen, size) => [...summaryLines(await readSummary(seen), size), ...failureLines(seen, size)],
  state: stateOf,
  json: statusJson,
};
