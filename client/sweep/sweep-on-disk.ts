import { dirname, join } from 'node:path';
import { safeName } from '../../activities/runtime/safe-name.ts';
import type { Leaderboard, SweepResult } from '../../plan/protocol.ts';
import { compareTrials } from '../../plan/sweep/compare-trials.ts';
import { specOf, trialsOf } from '../../plan/sweep/trials.ts';
import type { Decision, SweepTrial } from '../../plan/sweep/types.ts';
import { trialIdOf } from '../../plan/trial-of.ts';
import { readTrialRecord } from '../../report/collect/trial-record.ts';
import { sweepLedger } from './sweep-ledger.ts';
import type { SweepSnapshot } from './sweep-snapshot.ts';

/** As the sweep itself answers. */
const MOST_TRIALS = 100;
const MOST_DECISIONS = 20;

/** A sweep as its ledger in a work_dir tells it; null where there is none. */
export async function sweepOnDisk(workDir: string, id: string): Promise<SweepSnapshot | null> {
  const dir = join(workDir, 'sweeps', safeName(id));
  const found = await sweepLedger(dir);
  if (found === null) return null;
  const { path, bytes, decisions } = found;
  const { spec } = specOf(decisions);
  const first = decisions[0];
  if (!spec || !first) return null;
  const { space, ...rest } = spec;
  const all = trialsOf(decisions);
  const close = decisions.findLast(one => one.kind === 'close');
  const closedAt = close ? Date.parse(close.t) : null;
  const startedAt = Date.parse(first.t);
  const board: Leaderboard = {
    sweep: id,
    state: close?.state ?? 'running',
    ...(await namesOf(workDir, trialIdOf(id, 1))),
    workDir,
    dir,
    spec: { ...rest, parameters: space.map(({ name }) => name) },
    counts: countsOf(all),
    trials: all.sort(compareTrials(spec.metrics[0]?.goal ?? 'minimize')).slice(0, MOST_TRIALS),
    message: close?.reason ?? null,
    ledger: { path, bytes, lines: decisions.length, sha256: '' },
    startedAt,
    finishedAt: closedAt,
    notes: [],
  };
  return {
    id,
    ui: null,
    status: close ? STATUS[close.state] : 'RUNNING',
    startedAt,
    closedAt,
    board,
    decisions: decisions.slice(-MOST_DECISIONS),
    running: [],
    result: null,
    failure: close?.state === 'failed' ? close.reason : null,
    waitingFor: null,
    trouble: close ? null : `as of its ledger, ${lastOf(decisions)}`,
    now: Date.now(),
  };
}

/** What the ledger tells of a sweep that has ended, where all of it can be read here; else null. Its workflow would be replayed to say the same. */
export async function endedOnDisk(id: string, { ledger }: Pick<SweepResult, 'ledger'>): Promise<SweepSnapshot | null> {
  const workDir = dirname(dirname(dirname(ledger.path)));
  const seen = await sweepOnDisk(workDir, id).catch(() => null);
  return seen?.board?.ledger.bytes === ledger.bytes ? seen : null;
}

/** The workflow's own statuses. */
const STATUS = { done: 'COMPLETED', stopped: 'TERMINATED', failed: 'FAILED' } as const;

const lastOf = (decisions: readonly Decision[]) => decisions.at(-1)!.t.slice(0, 19).replace('T', ' ');

function countsOf(trials: readonly SweepTrial[]): Leaderboard['counts'] {
  const counts = { begun: trials.length, running: 0, waiting: 0, done: 0, failed: 0, stopped: 0 };
  for (const { status } of trials) counts[status] += 1;
  return counts;
}

/** Project and experiment, as the first trial's plan has them. */
async function namesOf(workDir: string, trial: string): Promise<{ project: string; experiment: string }> {
  const plan = (await readTrialRecord(workDir, trial))?.plans[0]?.plan;
  return { project: plan?.projectName ?? '', experiment: plan?.experimentName ?? '' };
}
