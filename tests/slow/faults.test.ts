import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, it } from 'vitest';
import { packageRoot } from '../../activities/runtime/paths.ts';
import { aside } from '../soak/aside.ts';
import type { CellReport } from '../soak/cell.ts';
import { allCells } from '../soak/cells.ts';
import { cellName, faultTable } from '../soak/fault-table.ts';

/** A killed worker is missed after its heartbeat timeout of 15 s. */
const TO_PROGRESS_S = 20;
const CHECKPOINT_EVERY = 7;

const reports: CellReport[] = [];

afterAll(() => {
  const order = allCells().map(cellName);
  reports.sort((a, b) => order.indexOf(cellName(a)) - order.indexOf(cellName(b)));
  const table = faultTable(reports);
  const folder = join(packageRoot(), 'outputs');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'fault-table.md'), `${table}\n`);
  console.log(`\n${table}\n\n(in outputs/fault-table.md)`);
});

describe.concurrent('the trial goes on and ends as if undisturbed, published once, nothing alive, nothing leased', () => {
  it.for(allCells().map(cell => [cellName(cell), cell] as const))('%s', async ([, cell], { expect }) => {
    const report = await aside<CellReport>('one-cell.ts', [cell.victim, cell.work, cell.moment]);
    reports.push(report);
    expect(report.broken).toEqual([]);
    const mayLose = cell.victim === 'supervisor' || cell.victim === 'trainer' ? CHECKPOINT_EVERY : 0;
    expect(report.stepsLost).toBeLessThanOrEqual(mayLose);
    if (cell.work !== 'process') expect(report.secondsToProgress).toBeLessThan(TO_PROGRESS_S);
  });
});
