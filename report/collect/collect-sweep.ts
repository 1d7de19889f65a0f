import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { safeName } from '../../activities/runtime/safe-name.ts';
import { compareTrials } from '../../plan/sweep/compare-trials.ts';
import { specOf, trialsOf } from '../../plan/sweep/trials.ts';
import type { SweepSpec } from '../../plan/sweep/types.ts';
import { trialIdOf } from '../../plan/trial-of.ts';
import type { CollectOptions } from '../model/report.ts';
import type { LedgerLine, ReportedTrial, SweepModel } from '../model/sweep.ts';
import { lastTold } from '../model/trial-work.ts';
import { CurveReader } from './curves.ts';
import { importances } from './importance.ts';
import { joinedWalls, seeVideos } from './joined-walls.ts';
import { ledgerLines } from './ledger-lines.ts';
import { type JobRecord, readTrialRecord } from './trial-record.ts';
import { TrialWorks } from './trial-work.ts';

/** Of so many of the best trials videos are shown. */
const MOST_WATCHED = 4;
const RANKS = [', the best', ', the second'];

/** Reads what a sweep and its trials left in a work_dir; null where it has no ledger there that says what it is. */
export async function collectSweep({
  id,
  workDir,
  now,
  said = null,
  onProgress,
  signal,
  seeClips,
}: CollectOptions): Promise<SweepModel | null> {
  const path = join(workDir, 'sweeps', safeName(id), 'decisions.jsonl');
  const read = await ledgerLines(path);
  const { spec, rungs } = specOf(read?.decisions ?? []);
  if (!read || !spec) return null;
  const { decisions } = read;
  const all = trialsOf(decisions);
  const importance = importances(spec, all, rungs);
  const works = new TrialWorks(workDir);
  const curves = new CurveReader(workDir);
  const trials: ReportedTrial[] = [];
  const byTrial = decisionsByTrial(decisions);
  const best = [...all]
    .sort(compareTrials(spec.metrics[0]?.goal ?? 'minimize'))
    .filter(({ status }) => status === 'done')
    .slice(0, MOST_WATCHED);
  const recordsOf = new Map<number, readonly JobRecord[]>();
  for (const [i, trial] of all.entries()) {
    signal?.throwIfAborted();
    if (i % 20 === 0) onProgress?.(`reading trial ${i + 1} of ${all.length}`);
    const trialId = trialIdOf(id, trial.trial);
    const { work, records } = await works.read(trialId);
    await curves.read(trial.trial, records);
    if (best.includes(trial)) recordsOf.set(trial.trial, records);
    trials.push({ ...trial, id: trialId, lines: linesOf(trial.rungs, byTrial.get(trial.trial) ?? []), work });
  }
  const videos = await joinedWalls(
    best.map(({ trial }, i) => ({ label: `trial ${trial}${RANKS[i] ?? ''}`, records: recordsOf.get(trial)! })),
  );
  const clips = await seeVideos(videos, workDir, seeClips);
  onProgress?.('asking which parameters mattered');
  const close = decisions.findLast(one => one.kind === 'close');
  const endedAt = close ? Date.parse(close.t) : (said?.closedAt ?? null);
  const [first] = decisions;
  const ranked = trials.sort(compareTrials(spec.metrics[0]?.goal ?? 'minimize'));
  return {
    kind: 'sweep',
    id,
    workDir,
    madeAt: now,
    said,
    lacking: [...(read.lacking === null ? [] : [read.lacking]), ...(await lostLedgers(path)), ...clips.lacking],
    videos,
    clips: clips.seen,
    ...(await namesOf(workDir, trials)),
    state: close?.state ?? 'running',
    reason: close?.reason ?? null,
    startedAt: Date.parse(first?.t ?? ''),
    endedAt,
    until:
      endedAt ??
      (said === null
        ? lastTold(
            ranked.map(({ work }) => work),
            Date.parse(decisions.at(-1)?.t ?? ''),
          )
        : now),
    spec,
    rungs,
    ledger: { file: relative(workDir, path), decisions },
    trials: ranked,
    curves: curves.curves(
      wantedMetrics(spec, rungs),
      ranked.map(({ trial }) => trial),
    ),
    importances: await importance,
  };
}

function decisionsByTrial(decisions: readonly LedgerLine[]): Map<number, LedgerLine[]> {
  const byTrial = new Map<number, LedgerLine[]>();
  for (const one of decisions) {
    if (!('trial' in one)) continue;
    const own = byTrial.get(one.trial) ?? [];
    own.push(one);
    byTrial.set(one.trial, own);
  }
  return byTrial;
}

/** Lines of the ledger that tell of a trial; what was told twice counts by its first line. */
function linesOf(rungs: readonly { step: number }[], own: readonly LedgerLine[]): ReportedTrial['lines'] {
  const lineOf = (isIt: (one: LedgerLine) => boolean) => own.find(isIt)?.line ?? null;
  return {
    suggest: lineOf(one => one.kind === 'suggest') ?? 0,
    end: lineOf(one => one.kind === 'end'),
    rungs: rungs.map(({ step }) => lineOf(one => one.kind === 'rung' && one.step === step && one.value !== null) ?? 0),
  };
}

function wantedMetrics({ earlyTerminate, metrics }: SweepSpec, rungs: SweepModel['rungs']): string[] {
  const names = [rungs?.metric, earlyTerminate?.metric?.name, ...metrics.map(({ name }) => name)];
  return [...new Set(names.filter(name => name !== undefined))];
}

/** Ledgers of earlier sweeps of the same name lie beside it. */
async function lostLedgers(path: string): Promise<string[]> {
  const names = (await readdir(join(path, '..')).catch(() => [] as string[])).filter(name =>
    /^decisions\.before-\d+\.jsonl$/.test(name),
  );
  return names.length === 0
    ? []
    : [`an earlier sweep had this id: what it decided is in ${names.join(', ')} and not in this report`];
}

/** Project and experiment, as the first plan that is there has them. */
async function namesOf(
  workDir: string,
  trials: readonly ReportedTrial[],
): Promise<{ project: string; experiment: string }> {
  for (const { id } of trials.slice(0, 8)) {
    const plan = (await readTrialRecord(workDir, id))?.plans[0]?.plan;
    if (plan) return { project: plan.projectName, experiment: plan.experimentName };
  }
  return { project: '', experiment: '' };
}
