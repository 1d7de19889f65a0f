import { describe, expect, it } from 'vitest';
import type { StudySnapshot } from '../../../client/study/observe-study.ts';
import { StudyPlainView } from '../../../client/study/study-plain-view.ts';
import { studyJson, studyLines, studySummaryLines, studyTableLines } from '../../../client/study/study-view.ts';
import { columns } from '../../../client/text.ts';
import { StudyAtDesk, studySpec } from '../../support/studies.ts';
import { RUNNING } from '../sweep/boards.ts';

const desk = new StudyAtDesk(
  studySpec({ repeat: [2] }),
  ({ parts, times }, seed) =>
    parts.reduce(
      (sum, { stat, end }) => sum + (stat === 'a' && end === 'high' ? 3 : stat === 'b' && end === 'low' ? 2 : 0),
      0,
    ) -
    times +
    seed / 100,
);
const { reason } = desk.run();
const TABLE = { ...desk.study.table(), state: 'done' as const, message: reason, finishedAt: 65_000 };
const snapshot = (more: Partial<StudySnapshot> = {}): StudySnapshot => ({
  ...{ id: 'my-study', ui: null, status: 'COMPLETED', startedAt: 0, closedAt: 65_000, table: TABLE },
  ...{ running: [], result: null, failure: null, trouble: null, now: 70_000, ...more },
});

describe('a study', () => {
  it('shows which end of which operator helps, then all points by stage, the best first', () => {
    const lines = studyTableLines(TABLE, { width: 200 });
    expect(lines[0]).toBe(
      'judge.score (maximize), seeds 1, 2, 3, 300 samples in all; pooled test at 0.05. A gain above 0 is better than the first row.',
    );
    expect(lines[2]).toMatch(/^OPERATOR +STAT +LOW +MIDDLE +HIGH +BEST END +VERDICT$/);
    expect(lines[3]).toMatch(/^a_filter +a +0 +0 +\+3 ▲ +high +better$/);
    expect(lines).toContain('Combinations of the best: 40 samples a pool');
    const combined = lines.slice(lines.indexOf('Combinations of the best: 40 samples a pool'));
    expect(combined[2]).toMatch(/^whole data +40 +3 +-0\.98 ± 0\.01 +reference$/);
    expect(combined[3]).toMatch(/^a_filter\.a\.high ∩ b_filter\.b\.low +40 +3 +4\.02 ± 0\.01 +5 .* better$/);
  });

  it.each([
    [40, 12],
    [120, 30],
  ])('keeps to %i columns and %i rows while it runs', (width, height) => {
    const lines = studyLines(snapshot({ status: 'RUNNING' }), { width, height });
    for (const line of lines) expect(columns(line)).toBeLessThanOrEqual(width);
    expect(lines.length).toBeLessThan(height);
  });

  it('shows what the trials that run do, and for what they wait', () => {
    const { activity } = RUNNING;
    const waiting = {
      ...activity!,
      type: 'claimJob',
      started: false,
      progress: null,
      lastFailure: 'all devices of h are taken',
    };
    const running = [
      { id: 'my-study.trial-7', activity },
      { id: 'my-study.trial-12', activity: waiting },
      { id: 'my-study.trial-13', activity: null },
    ];
    const lines = studyLines(snapshot({ status: 'RUNNING', running }), { width: 160 });
    expect(lines.find(line => line.startsWith('▸ trial 7'))).toMatch(
      /train\.easyanimate +█+░+ 12\/60 {2}loss 0\.9123 {2}41s left {2}attempt 2 {2}3\.2 steps\/s$/,
    );
    expect(lines.find(line => line.startsWith('▸ trial 12'))).toContain('all devices of h are taken');
    expect(lines.some(line => line.startsWith('▸ trial 13'))).toBe(true);
    const narrow = studyLines(snapshot({ status: 'RUNNING', running }), { width: 40 });
    expect(narrow.find(line => line.startsWith('▸ trial 7'))).toMatch(/12\/60 {2}loss 0\.9123/);
  });

  it('says what came of it, and where that is', () => {
    const files = { table: '/w/table.md', study: '/w/study.json', recipe: '/w/recipe.yaml' };
    const { winner, counts } = TABLE;
    const result = { state: 'done' as const, reason, winner, counts, files };
    const lines = studySummaryLines(snapshot({ result }), { width: 200 });
    expect(lines[0]).toBe(`study my-study: done after 1:05: ${reason}`);
    expect(lines.slice(-2)).toEqual(['recipe: /w/recipe.yaml', 'table:  /w/table.md']);
    expect(studyJson(snapshot({ result }))).toMatchObject({ state: 'done', winner: { id: 'top_0_1' }, files });
  });

  it('says why it failed before it had a table', () => {
    const failed = snapshot({ status: 'FAILED', table: null, failure: 'study.yaml:1:1 opps: unknown key' });
    expect(studySummaryLines(failed, { width: 200 })).toEqual([
      'study my-study: failed after 1:05: study.yaml:1:1 opps: unknown key',
    ]);
  });

  it('tells each score once, where nothing can be redrawn', () => {
    const view = new StudyPlainView();
    const first = view.lines(snapshot());
    expect(first).toContain('[1:10] a_filter.a.high ∩ b_filter.b.low, 40 samples, seed 2: judge.score 4.02');
    expect(new Set(first).size).toBe(first.length);
    expect(view.lines(snapshot())).toEqual([]);
  });
});
