import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, it } from 'vitest';
import { packageRoot } from '../../activities/runtime/paths.ts';
import { aside } from '../soak/aside.ts';
import type { CellReport } from '../soak/cell.ts';
import { allCells } from '../soak/cells.ts';
import { cellName, faultTable } from '../soak/fault-table.ts';
import type { OutageReport } from '../soak/outage.ts';

/** A killed worker is missed after its heartbeat timeout of 15 s; the aim is 20 s, the rest is for a machine that has other sandboxes to run. */
const TO_PROGRESS_S = 30;
/** Then a large result is hashed again. */
const TO_PUBLISHED_S = 40;
const AWAY_S = 60;
const CHECKPOINT_EVERY = 7;

/** By cell: of one that was tried again, the last. */
const reports = new Map<string, CellReport>();
const outages: OutageReport[] = [];

afterAll(() => {
  const order = allCells().map(cellName);
  const table = faultTable(order.flatMap(name => reports.get(name) ?? []));
  const folder = join(packageRoot(), 'outputs');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'fault-table.md'), `${table}\n`);
  console.log(`\n${table}\n\n(in outputs/fault-table.md)`);
  for (const { stepsMeanwhile, secondsToProgress } of outages)
    console.log(
      `server away ${AWAY_S} s: ${stepsMeanwhile} steps meanwhile, progress ${secondsToProgress} s after its return`,
    );
});

describe.concurrent('the trial goes on and ends as if undisturbed, published once, nothing alive, nothing leased', () => {
  it('a server that is away for a minute costs no training step, and progress shows seconds after its return', async ({
    expect,
  }) => {
    const report = await aside<OutageReport>('outage.ts', [AWAY_S]);
    outages.push(report);
    expect(report.broken).toEqual([]);
    expect(report.stepsLost).toBe(0);
    // It trains on as if nothing were; on a busy machine a step takes a little longer than its sleep.
    expect(report.stepsMeanwhile).toBeGreaterThan(0.8 * report.stepsPossible);
    expect(report.secondsToProgress).toBeLessThan(TO_PROGRESS_S);
  });

  it.for(allCells().map(cell => [cellName(cell), cell] as const))('%s', async ([, cell], { expect }) => {
    const report = await aside<CellReport>('one-cell.ts', [cell.victim, cell.work, cell.moment]);
    reports.set(cellName(cell), report);
    expect(report.broken).toEqual([]);
    const mayLose = cell.victim === 'supervisor' || cell.victim === 'trainer' ? CHECKPOINT_EVERY : 0;
    expect(report.stepsLost).toBeLessThanOrEqual(mayLose);
    if (cell.work === 'process') return;
    expect(report.secondsToProgress).toBeLessThan(cell.work === 'publish' ? TO_PUBLISHED_S : TO_PROGRESS_S);
  });
});
