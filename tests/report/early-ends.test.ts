// Reports of sweeps whose trials only tell at rungs and go on, until they are stopped: `hyperband` and `median`.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { EarlyTerminate } from '../../plan/sweep/types.ts';
import { collectSweep } from '../../report/collect/collect-sweep.ts';
import { renderReport } from '../../report/index.ts';
import { visits } from '../../report/model/rung-visits.ts';
import type { SweepModel } from '../../report/model/sweep.ts';
import { sweepCost } from '../../report/model/sweep-cost.ts';
import { curvesSection } from '../../report/sections/sweep/curves.ts';
import { rungsSection } from '../../report/sections/sweep/rungs.ts';
import { makeSweepWorkDir } from '../support/sweep-work-dir.ts';
import { figuresOf, untraced } from '../support/traced-figures.ts';

const STEPS = 60;
const HYPERBAND: EarlyTerminate = {
  type: 'hyperband',
  eta: 3,
  s: null,
  minIter: 5,
  maxIter: null,
  strict: false,
  metric: null,
};
const MEDIAN: EarlyTerminate = { type: 'median', every: 4, minIter: 8, minTrials: 3, metric: null };

function made(earlyTerminate: EarlyTerminate): string {
  const workDir = mkdtempSync(join(tmpdir(), 'dj-early-ends-'));
  makeSweepWorkDir(workDir, { steps: STEPS, trials: 9, failing: [5], spec: { earlyTerminate } });
  return workDir;
}

const collected = async (workDir: string): Promise<SweepModel> =>
  (await collectSweep({ id: 'sweep', workDir, now: Date.UTC(2026, 0, 2) }))!;
const textOf = (model: SweepModel) => String(rungsSection(model, () => null)!.html);

/** The ledger as it was when `isIt` came to be in it. */
function cutAfter(workDir: string, isIt: (line: Record<string, unknown>) => boolean): void {
  const path = join(workDir, 'sweeps', 'sweep', 'decisions.jsonl');
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  const at = lines.findIndex(line => isIt(JSON.parse(line) as Record<string, unknown>));
  expect(at).toBeGreaterThan(0);
  writeFileSync(
    path,
    lines
      .slice(0, at + 1)
      .join('\n')
      .concat('\n'),
  );
}

describe.each([
  ['hyperband', HYPERBAND],
  ['median', MEDIAN],
])('%s', (_, earlyTerminate) => {
  test('its page says who was stopped where and why, and what that saved, and each number is in its file', async () => {
    const model = await collected(made(earlyTerminate));
    const page = renderReport(model, { urlOf: () => null });
    expect(untraced(model.workDir, figuresOf(page))).toEqual([]);
    const stopped = model.trials.filter(({ status }) => status === 'stopped');
    expect(stopped.length).toBeGreaterThan(0);
    const ends = visits(model).filter(({ fate }) => fate === 'stopped');
    expect(new Set(ends.map(({ trial }) => trial.trial))).toEqual(new Set(stopped.map(({ trial }) => trial)));
    for (const { why } of ends) expect(why!.text).toContain('is worse than the');
    const { early, continued } = sweepCost(model);
    expect(early).toMatchObject({ trials: stopped.length, full: STEPS });
    expect(early!.steps.value).toBe(stopped.reduce((sum, { steps }) => sum + STEPS - steps!, 0));
    expect(continued).toBeNull();
  });

  test('nobody is promoted or waits, also not while it runs: who told and trains on went on', async () => {
    const workDir = made(earlyTerminate);
    cutAfter(workDir, ({ kind, trial }) => kind === 'rung' && trial === 3);
    const model = await collected(workDir);
    expect(model.trials.some(({ status }) => status === 'running')).toBe(true);
    expect(new Set(visits(model).map(({ fate }) => fate))).not.toContain('waits');
    const text = textOf(model);
    expect(rungsSection(model, () => null)!.title).toBe('Rungs and early ends');
    expect(text).not.toMatch(/promot|waits/);
  });

  test('a trial that came to its end before it could be stopped is done, not stopped', async () => {
    const workDir = made(earlyTerminate);
    const path = join(workDir, 'sweeps', 'sweep', 'decisions.jsonl');
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    const decisions = lines.map(line => JSON.parse(line) as Record<string, unknown>);
    const { trial } = decisions.find(({ kind }) => kind === 'stop')!;
    const end = decisions.findIndex(each => each.kind === 'end' && each.trial === trial);
    lines[end] = JSON.stringify({ ...decisions[end], status: 'done', objectives: [0.1], why: null });
    writeFileSync(path, `${lines.join('\n')}\n`);
    const own = visits(await collected(workDir)).filter(each => each.trial.trial === trial);
    expect(own.map(({ fate }) => fate)).toEqual(own.map(() => 'went on'));
  });

  test('rungs that no trial reached are not drawn', async () => {
    const model = await collected(made(earlyTerminate));
    // A spec without the length of a training names rungs far beyond it.
    expect(model.rungs!.steps.at(-1)).toBeGreaterThan(STEPS);
    const [loss] = curvesSection(model, null).charts.filter(({ title }) => title === 'train.loss');
    const { series } = loss!.option as { series: { markLine?: { data: { xAxis: number }[] } }[] };
    const drawn = series.flatMap(({ markLine }) => markLine?.data ?? []).map(({ xAxis }) => xAxis);
    expect(drawn.length).toBeGreaterThan(0);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(STEPS);
  });
});

test('what is said of many rungs stays short: how many trials told at each is in the table', async () => {
  const model = await collected(made(MEDIAN));
  expect(new Set(visits(model).map(({ step }) => step)).size).toBeGreaterThan(8);
  const text = textOf(model);
  expect(text.match(/reached step/g)!.length).toBeLessThanOrEqual(2);
  expect(text).toContain('From step 8 on, every 4 steps, a trial ends');
  expect(text).toContain('at least 3 others');
});
