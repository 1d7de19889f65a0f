import { mkdtempSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { collectReport, renderReport } from '../../report/index.ts';
import { finishedTrial } from '../client/trial-on-disk.ts';
import { figuresOf, untraced } from '../support/traced-figures.ts';

test('a trial on disk becomes a page; an id that the work_dir has not, null', async () => {
  const workDir = mkdtempSync(join(tmpdir(), 'dj-report-'));
  finishedTrial(workDir, [
    {
      stage: 'execution',
      component: 'train.small',
      metaName: '<script>alert(1)</script>',
      metrics: { last_loss: 0.5 },
    },
  ]);
  await mkdir(join(workDir, 'trials', 't'), { recursive: true });
  await rename(join(workDir, 'plan-1.json'), join(workDir, 'trials', 't', 'plan-1.json'));
  await writeFile(join(workDir, 'trials', 't', 'plan-2.json'), '{ torn');
  const model = (await collectReport({ id: 't', workDir, now: 0 }))!;
  expect(model.lacking).toHaveLength(1);
  const page = renderReport(model, { urlOf: () => null });
  expect(page).not.toContain('<script>alert(1)');
  expect(untraced(workDir, figuresOf(page))).toEqual([]);
  expect(await collectReport({ id: 'none', workDir, now: 0 })).toBeNull();
});
