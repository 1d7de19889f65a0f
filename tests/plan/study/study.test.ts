import { describe, expect, it } from 'vitest';
import { Study } from '../../../plan/study/study.ts';
import { tableText } from '../../../plan/study/table-text.ts';
import type { StudyPoint, StudySpec } from '../../../plan/study/types.ts';
import { StudyAtDesk, studySpec } from '../../support/studies.ts';

/** Scores by how good each part of a point is; seeds differ a little. */
const graded =
  (gains: Record<string, number>, noise = 0.01) =>
  ({ parts, times }: StudyPoint, seed: number) =>
    parts.reduce((sum, { stat, end }) => sum + (gains[`${stat}.${end}`] ?? 0), 0) +
    (times - 1) * (gains.times ?? 0) +
    noise * (seed % 3);

const idsOf = (desk: StudyAtDesk, kind: string) =>
  desk.study.memory.stages.find(stage => stage.kind === kind)?.points.map(({ id }) => id);

describe('a pool study', () => {
  it('goes from single pools over combinations of the best to repetitions, and finds the best', () => {
    const desk = new StudyAtDesk(studySpec(), graded({ 'a.high': 3, 'b.low': 2, 'c.middle': 1, times: -1 }));
    const ending = desk.run();
    expect(ending).toEqual({
      state: 'done',
      reason: 'top_0_1: better than the whole data by more than noise',
    });
    expect(idsOf(desk, 'single')).toHaveLength(10);
    expect(idsOf(desk, 'combined')).toEqual(['whole', 'top_0', 'top_1', 'top_0_1']);
    expect(idsOf(desk, 'repeated')).toEqual(['top_0_1', 'top_0_1_x2', 'top_0_1_x4']);
    expect(desk.study.memory.stages.map(({ samples }) => samples)).toEqual([100, 40, 40]);
    const { winner, operators, counts } = desk.study.table();
    expect(winner).toMatchObject({
      id: 'top_0_1',
      parts: [
        { op: 'a_filter', stat: 'a', end: 'high' },
        { op: 'b_filter', stat: 'b', end: 'low' },
      ],
      times: 1,
      gain: 5,
      proven: true,
    });
    expect(operators.map(({ stat, best, verdict }) => [stat, best, verdict])).toEqual([
      ['a', 'high', 'better'],
      ['b', 'low', 'better'],
      ['c', 'middle', 'better'],
    ]);
    // Five steps of data, and three seeds of 10 + 4 + 2 points.
    expect(counts).toMatchObject({ begun: 5 + 3 * 16, done: 5 + 3 * 16, failed: 0, running: 0 });
  });

  it('takes the metric’s goal: the smallest is best where it is to be minimized', () => {
    const spec = studySpec({ metric: { name: 'judge.score', goal: 'minimize' }, repeat: [] });
    const desk = new StudyAtDesk(spec, graded({ 'a.high': 3, 'b.low': -2, 'c.middle': -1 }));
    desk.run();
    expect(desk.study.table().winner).toMatchObject({ id: 'top_0_1', gain: 3, proven: true });
    expect(desk.study.table().operators[0]).toMatchObject({ stat: 'b', best: 'low' });
    const a = desk.study.table().operators.find(({ stat }) => stat === 'a');
    expect(a!.ends[2]).toMatchObject({ end: 'high', gain: -3, verdict: 'worse' });
  });

  it('repeats the winner where that is better by more than noise, and not where it is not', () => {
    const better = new StudyAtDesk(studySpec(), graded({ 'a.high': 3, 'b.low': 2, times: 1 }));
    better.run();
    expect(better.study.table().winner).toMatchObject({ times: 4 });
    const hardly = new StudyAtDesk(studySpec(), graded({ 'a.high': 3, 'b.low': 2, times: 0.001 }));
    hardly.run();
    expect(hardly.study.table().winner).toMatchObject({ times: 1 });
  });

  it('tries every point once with the first seed before any with the second, the whole data first', () => {
    const desk = new StudyAtDesk(studySpec({ concurrency: 1, combine: 0, repeat: [] }), graded({}));
    desk.run();
    const tried = desk.begun.flatMap(({ at }) => (at ? [[at.seed, at.point]] : []));
    expect(tried.slice(0, 11)).toEqual([...Array.from({ length: 10 }, (_, point) => [0, point]), [1, 0]]);
    expect(tried).toHaveLength(30);
  });

  it('has no more trials under way than may run at once, and none beside one that makes data', () => {
    const desk = new StudyAtDesk(studySpec({ concurrency: 3 }), graded({}));
    expect(desk.step()).toMatchObject([{ do: 'begin', step: { step: 'split' } }]);
    desk.end(desk.begun[0]!);
    expect(desk.step()).toMatchObject([{ do: 'gather' }, { do: 'begin', step: { step: 'sample' } }]);
    desk.end(desk.begun[1]!);
    expect(desk.step().map(action => action.do)).toEqual(['gather', 'begin', 'begin', 'begin']);
    desk.study.setConcurrency(5);
    expect(desk.step()).toHaveLength(2);
    desk.study.setConcurrency(1);
    for (const trial of [3, 4, 5, 6]) desk.end(desk.begun[trial - 1]!);
    expect(desk.step()).toEqual([]);
  });

  it('counts a failed trial as failed and goes on, with fewer seeds of that point', () => {
    const score = graded({ 'a.high': 3, 'b.low': 2 });
    const desk = new StudyAtDesk(studySpec(), (point, seed) =>
      point.id === 'c_filter.c.low' && seed === 2 ? { status: 'failed', why: 'out of memory' } : score(point, seed),
    );
    expect(desk.run().state).toBe('done');
    const { stages, counts } = desk.study.table();
    const point = stages[0]!.points.find(({ id }) => id === 'c_filter.c.low')!;
    expect(point).toMatchObject({ n: 2, failed: 1, scores: [expect.any(Number), null, expect.any(Number)] });
    expect(point.why).toMatch(/^trial \d+ failed: out of memory$/);
    expect(counts.failed).toBe(1);
    expect(tableText(desk.study.table() as never)).toContain('2 (1 failed or stopped)');
  });

  it('says that nothing is better where the whole data is best, and combines and repeats nothing', () => {
    const desk = new StudyAtDesk(studySpec(), ({ parts }, seed) => (parts.length === 0 ? 9 : 1) + seed / 100);
    expect(desk.run()).toEqual({ state: 'done', reason: 'no pool is better than the whole data' });
    expect(desk.study.table()).toMatchObject({ winner: null, stages: [{ kind: 'single' }] });
  });

  it('names the best of what is no more than noise, and calls it unproven', () => {
    const desk = new StudyAtDesk(studySpec({ combine: 0, repeat: [] }), ({ id }, seed) =>
      id === 'b_filter.b.high' ? seed + 0.1 : seed,
    );
    expect(desk.run().reason).toBe('b_filter.b.high: the best, by no more than noise');
    expect(desk.study.table().winner).toMatchObject({ id: 'b_filter.b.high', proven: false });
  });

  it('judges nothing by a single seed', () => {
    const desk = new StudyAtDesk(studySpec({ seeds: [1], seed: null }), graded({ 'a.high': 3, 'b.low': 2 }));
    expect(desk.run().state).toBe('done');
    const { winner, operators, stages } = desk.study.table();
    expect(winner).toMatchObject({ proven: false, adjusted: null });
    expect(operators[0]).toMatchObject({ verdict: 'unjudged', best: 'high' });
    expect(stages[0]!.points[1]).toMatchObject({ deviation: null, n: 1 });
  });

  it('leaves out combinations of too few samples, and goes on without them', () => {
    const desk = new StudyAtDesk(studySpec({ minSamples: 50 }), graded({ 'a.high': 3, 'b.low': 2 }));
    desk.run();
    expect(idsOf(desk, 'combined')).toBeUndefined();
    expect(idsOf(desk, 'repeated')).toEqual(['a_filter.a.high', 'a_filter.a.high_x2', 'a_filter.a.high_x4']);
    expect(desk.study.table().notes).toContain('1 of 3 combinations have fewer than 50 samples and are left out');
  });

  it('combines those that are above the whole data, however many were asked for', () => {
    const desk = new StudyAtDesk(studySpec({ combine: 3 }), ({ parts }, seed) =>
      parts.some(({ stat }) => stat === 'c') ? -1 - seed : parts.length + seed / 100,
    );
    desk.run();
    expect(idsOf(desk, 'combined')).toHaveLength(4);
    expect(desk.study.table().notes).toEqual([
      '2 of the 3 operators that were to be combined have a pool above the whole data',
    ]);
  });

  it('fails with what the trial told, where the metric is not among that', () => {
    const desk = new StudyAtDesk(studySpec({ concurrency: 1 }), () => ({ metrics: { 'judge.scores': 1 } }));
    expect(desk.run()).toEqual({
      state: 'failed',
      reason: 'trial 3 is done, but it told no metric "judge.score"; did you mean "judge.scores"?',
    });
  });

  it('fails where the data cannot be made, or no trial on the whole data is done', () => {
    const broken = new StudyAtDesk(studySpec(), () => 1);
    broken.step();
    broken.study.trialEnded(1, {
      status: 'failed',
      why: 'no such file',
      metrics: {},
      steps: null,
      gpuSeconds: 0,
      reused: 0,
    });
    expect(broken.run()).toEqual({
      state: 'failed',
      reason: 'trial 1, which makes the data of step split, failed: no such file',
    });
    const lacking = new StudyAtDesk(studySpec(), ({ id }) =>
      id === 'whole' ? { status: 'failed', why: 'diverged' } : 1,
    );
    expect(lacking.run().reason).toMatch(
      /^no trial on the whole data has an objective, so that nothing can be compared: trial \d+ failed: diverged$/,
    );
  });

  it('stops what runs when it is stopped, writes what it has and ends', () => {
    const desk = new StudyAtDesk(studySpec({ concurrency: 2 }), graded({}));
    desk.step();
    desk.end(desk.begun[0]!);
    desk.step();
    desk.end(desk.begun[1]!);
    desk.step();
    desk.study.stop();
    expect(desk.step()).toEqual([
      { do: 'tell', trial: 3, signal: 'stop' },
      { do: 'tell', trial: 4, signal: 'stop' },
    ]);
    desk.end({ ...desk.begun[2]! });
    desk.study.trialEnded(4, { status: 'stopped', why: null, metrics: {}, steps: null, gpuSeconds: 0, reused: 0 });
    expect(desk.step().map(action => action.do)).toEqual(['write', 'close']);
    expect(desk.study.table().counts).toMatchObject({ done: 3, stopped: 1 });
  });

  it('begins nothing while it is paused, and passes pause and resume on', () => {
    const desk = new StudyAtDesk(studySpec(), graded({}));
    desk.step();
    desk.study.passOn('pause');
    expect(desk.step()).toEqual([{ do: 'tell', trial: 1, signal: 'pause' }]);
    desk.end(desk.begun[0]!);
    expect(desk.step()).toMatchObject([{ do: 'gather' }]);
    desk.study.passOn('resume');
    expect(desk.step()).toMatchObject([{ do: 'begin', step: { step: 'sample' } }]);
  });

  it('goes on the same from its memory as JSON, as it does when it continues as new', () => {
    const score = graded({ 'a.high': 3, 'b.low': 2, times: 1 });
    const spec: StudySpec = studySpec();
    const whole = new StudyAtDesk(spec, score);
    whole.run();
    const torn = new StudyAtDesk(structuredClone(spec), score);
    for (;;) {
      const actions = torn.step();
      if (actions.at(-1)?.do === 'close') break;
      torn.end(torn.study.memory.open.at(-1)!);
      Object.assign(torn, { study: new Study(JSON.parse(JSON.stringify(torn.study.memory))) });
    }
    expect(torn.study.table()).toEqual(whole.study.table());
  });
});
