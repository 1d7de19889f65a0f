import { Ansis } from 'ansis';
import { describe, expect, it } from 'vitest';
import { decisionLine } from '../../../client/sweep/decision-line.ts';
import { SweepPlainView } from '../../../client/sweep/sweep-plain-view.ts';
import { sweepJson, sweepStatusLines } from '../../../client/sweep/sweep-status.ts';
import { sweepLines, sweepSummaryLines } from '../../../client/sweep/sweep-view.ts';
import { columns } from '../../../client/text.ts';
import { decisionText } from '../../../plan/sweep/decision-text.ts';
import { board, DECISIONS, RUNNING, START, sweepSnapshot, TRIALS } from './boards.ts';

const plain = { width: 120, paint: new Ansis(0) };

describe('a sweep while it runs', () => {
  const lines = sweepLines(sweepSnapshot(), plain);
  it('shows its state, settings, counts and best trial', () => {
    expect(lines[0]).toMatch(/^sweep my-sweep +running {2}1:02$/);
    expect(lines[1]).toBe('text-to-video / demo: tpe, asha, 2 at once, seed 7');
    expect(lines[2]).toBe('6 of 12 begun: 1 running, 1 waiting, 2 done, 1 failed, 1 stopped; best 0.8123 (trial 3)');
  });
  it('shows what each running trial is at, and what it tries', () => {
    expect(lines.find(line => line.startsWith('▸'))).toMatch(
      /^▸ trial 6 +train\.easyanimate +█+░+ 12\/60 {2}loss 0\.9123 {2}41s left {2}attempt 2 {2}min_len=60, k=1\.5 {2}3\.2 steps\/s$/,
    );
  });
  it('shows the best trials and the newest decisions', () => {
    expect(lines.some(line => /^1 +3 +done +0\.8123/.test(line))).toBe(true);
    expect(lines.at(-1)).toBe('14:01:01  trial 2 failed: it ran out of memory');
  });
  it('says how many more run than are shown', () => {
    const more = board({ counts: { ...board().counts, running: 30 } });
    expect(sweepLines(sweepSnapshot({ board: more }), plain)).toContain('  … and 29 more that run');
  });
  it('says why a trial waits that has no host', () => {
    const claim = { type: 'claimJob', attempt: 1, started: false, progress: null };
    const waiting = { ...RUNNING, activity: { ...claim, lastFailure: 'all devices of h are taken' } };
    expect(sweepLines(sweepSnapshot({ running: [waiting] }), plain).join('\n')).toContain(
      'claimJob             all devices of h are taken',
    );
  });
  it('says what it waits for where nobody answers, and nothing false of its trials', () => {
    const said = sweepLines(sweepSnapshot({ board: null, running: [], waitingFor: 'no control worker runs' }), plain);
    expect(said[0]).toContain('opening');
    expect(said.at(-1)).toBe('! no control worker runs');
  });
  it.each([
    [40, 12],
    [80, 24],
    [200, 60],
    [20, 6],
  ])('keeps to %i columns and %i rows', (width, height) => {
    const shown = sweepLines(sweepSnapshot(), { ...plain, width, height });
    for (const line of shown) expect(columns(line)).toBeLessThanOrEqual(Math.max(width, 2));
    expect(shown.length).toBeLessThanOrEqual(height);
  });
  it('is JSON with the best trial and everything on the board', () => {
    expect(sweepJson(sweepSnapshot())).toMatchObject({
      id: 'my-sweep',
      state: 'running',
      counts: { begun: 6 },
      best: { trial: 3, objective: 0.8123 },
      running: [{ trial: 6, activity: 'train.easyanimate' }],
      startedAt: '2025-06-11T14:00:00.000Z',
    });
  });
});

describe('a sweep that has ended', () => {
  const ended = sweepSnapshot({
    status: 'COMPLETED',
    closedAt: START + 300_000,
    running: [],
    result: {
      state: 'done',
      reason: '12 of 12 trials have ended',
      best: TRIALS[0]!,
      counts: board().counts,
      ledger: board().ledger,
    },
  });
  it('says why it ended, the best trials, where its decisions are and how to get the recipe', () => {
    const lines = sweepSummaryLines(ended, plain);
    expect(lines[1]).toBe('Sweep my-sweep done: 12 of 12 trials have ended');
    expect(lines).toContain('decisions: /data/outputs/demo/sweeps/my-sweep/decisions.jsonl');
    expect(lines.at(-1)).toBe('The winning recipe: dj-sandbox sweep best my-sweep --out recipe.yaml');
  });
  it('offers no recipe where nothing is done, and says why it failed', () => {
    const failed = {
      ...ended,
      status: 'FAILED',
      result: null,
      failure: 'max_failures: 3 trials have failed',
      board: board({ trials: [TRIALS[5]!] }),
    };
    const lines = sweepSummaryLines(failed, plain);
    expect(lines[1]).toBe('Sweep my-sweep failed: max_failures: 3 trials have failed');
    expect(lines.join('\n')).not.toContain('sweep best');
  });
  it('was stopped where it was terminated from outside, whatever it said last', () => {
    expect(sweepJson({ ...ended, status: 'TERMINATED', result: null })).toMatchObject({ state: 'stopped' });
  });
  it('shows notes as status does', () => {
    expect(sweepStatusLines({ ...ended, board: board({ notes: ['relative paths start at /x'] }) }, plain).at(-1)).toBe(
      'note: relative paths start at /x',
    );
  });
});

describe('a decision in words', () => {
  it.each(
    DECISIONS.map(
      (decision, i) =>
        [
          decision.kind,
          decision,
          [
            'opened: tpe over 2 parameters, seed 7, 2 at once',
            'trial 1: min_len=10, k=1.5 (a random point)',
            'trial 1 reached step 20: 0.91',
            'trial 1 goes on from rung 1: 1st of 3',
            'by hand: budget runCap=20, patience=null',
            'trial 2 is stopped: stopped by hand',
            'trial 1 done: 0.5 (60 steps, 1:15 of GPU, 2 jobs done before)',
            'trial 2 failed: it ran out of memory',
          ][i]!,
        ] as const,
    ),
  )('of kind %s', (_, decision, words) => {
    expect(decisionText(decision)).toBe(words);
  });
  it('is a line with its time, and moves no cursor whatever a reason holds', () => {
    expect(decisionLine({ ...DECISIONS[5]!, kind: 'stop', trial: 2, reason: 'a\nb\u001b[2J' })).toBe(
      '2025-06-11 14:00:41  trial 2 is stopped: a b',
    );
  });
});

describe('the view where nothing can be redrawn', () => {
  it('tells each decision once, and now and then how the trials get on', () => {
    const view = new SweepPlainView();
    const first = view.lines(sweepSnapshot({ decisions: DECISIONS.slice(0, 2) }));
    expect(first).toEqual([
      '[1:02] sweep my-sweep: running',
      '[1:02] opened: tpe over 2 parameters, seed 7, 2 at once',
      '[1:02] trial 1: min_len=10, k=1.5 (a random point)',
    ]);
    expect(view.lines(sweepSnapshot({ decisions: DECISIONS.slice(0, 2) }))).toEqual([]);
    expect(view.lines(sweepSnapshot({ decisions: DECISIONS.slice(1, 3) }))).toEqual([
      '[1:02] trial 1 reached step 20: 0.91',
    ]);
    const later = view.lines(sweepSnapshot({ decisions: [], now: START + 80_000 }));
    expect(later[0]).toContain('best 0.8123 (trial 3)');
    expect(later[1]).toContain('12/60');
  });
  it('says once what it waits for', () => {
    const view = new SweepPlainView();
    const waiting = sweepSnapshot({ board: null, decisions: [], running: [], waitingFor: 'no control worker runs' });
    expect(view.lines(waiting)).toEqual(['[1:02] sweep my-sweep: opening', '[1:02] waiting: no control worker runs']);
    expect(view.lines(waiting)).toEqual([]);
  });
});
