import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { collectReport } from '../../report/index.ts';
import type { TrialModel } from '../../report/model/trial.ts';
import { makeSweepWorkDir } from '../support/sweep-work-dir.ts';

const workDir = mkdtempSync(join(tmpdir(), 'dj-report-wall-'));
const decisions = makeSweepWorkDir(workDir, { trials: 3, rungs: [], videos: ['a red car-0.mp4'] });
const best = [...decisions.filter(({ kind }) => kind === 'end')]
  .map(end => end as unknown as { trial: number; objectives: number[] })
  .reduce((a, b) => (b.objectives[0]! > a.objectives[0]! ? b : a)).trial;
const other = [1, 2, 3].find(trial => trial !== best)!;
const labels = async (trial: number) => {
  const model = await collectReport({ id: `sweep.trial-${trial}`, workDir, now: 0 });
  return (model as TrialModel).videos.columns.map(({ label }) => label);
};

test("a trial of a sweep has the videos of the sweep's best trial beside its own", async () => {
  expect(await labels(other)).toEqual([
    expect.stringContaining('not trained'),
    'this trial',
    `trial ${best}, the best of its sweep`,
  ]);
});

test('the best one, and one whose ledger is gone, have their own', async () => {
  const own = await labels(best);
  expect(own.join()).not.toContain('best');
  rmSync(join(workDir, 'sweeps'), { recursive: true });
  expect(await labels(other)).toEqual(own);
});
