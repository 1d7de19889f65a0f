import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { writeReport } from '../../../client/report/write-report.ts';
import { makeStudyWorkDir } from '../../support/study-work-dir.ts';
import { makeSweepWorkDir } from '../../support/sweep-work-dir.ts';

afterEach(() => void vi.restoreAllMocks());

test('a sweep and a study have reports by their ids; those of their trials are linked where they were written before', async () => {
  const workDir = mkdtempSync(join(tmpdir(), 'dj-parent-report-'));
  makeSweepWorkDir(workDir, { trials: 3, rungs: [] });
  makeStudyWorkDir(workDir, { spec: { combine: 0, repeat: [], seeds: [1, 2] } });
  mkdirSync(join(workDir, 'reports', 'sweep.trial-2'), { recursive: true });
  writeFileSync(join(workDir, 'reports', 'sweep.trial-2', 'index.html'), '');
  vi.spyOn(console, 'log').mockImplementation(() => {});
  await writeReport('sweep', { workDir });
  await writeReport('s', { workDir });
  const page = readFileSync(join(workDir, 'reports', 'sweep', 'index.html'), 'utf8');
  expect(page).toContain('href="../sweep.trial-2/index.html"');
  expect(page).not.toContain('href="../sweep.trial-1/index.html"');
  expect(readFileSync(join(workDir, 'reports', 's', 'index.html'), 'utf8')).toContain('Pool study of');
});
