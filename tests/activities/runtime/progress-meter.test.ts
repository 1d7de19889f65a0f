import { expect, test } from 'vitest';
import type { MetricsLine } from '../../../activities/runtime/metrics-follower.ts';
import { ProgressMeter } from '../../../activities/runtime/progress-meter.ts';

const at = (t: number, rest: Record<string, number | string>, segment = 1): MetricsLine => ({
  t,
  segment,
  offset: t * 100,
  ...rest,
});

test('speed and time left are measured where the log does not tell them', () => {
  const meter = new ProgressMeter({ total: 100, unit: 'step' });
  meter.take([at(10, { step: 10 }), at(12, { step: 14 }), at(15, { step: 20 })]);
  expect(meter.progress).toEqual({
    step: 20,
    total: 100,
    unit: 'step',
    speed: 2,
    eta: 40,
    logOffset: 1500,
    segment: 1,
  });
});

test('what the log tells wins over what is measured, also on lines between', () => {
  const meter = new ProgressMeter({});
  meter.take([at(10, { step: 1, total: 5, speed: 0.5, eta: 8 }), at(11, { checkpoint: 'checkpoint-1' })]);
  expect(meter.progress).toMatchObject({ step: 1, speed: 0.5, eta: 8, checkpoint: 'checkpoint-1' });
});

test('a bar that is drawn twice or out of order never goes back', () => {
  const meter = new ProgressMeter({});
  const seen = [3, 5, 4, 5, 6].map((step, t) => {
    meter.take([at(t, { step, total: 9 })]);
    return meter.progress.step;
  });
  expect(seen).toEqual([3, 5, 5, 5, 6]);
});

test('another total, another phase or another segment starts a new count', () => {
  const meter = new ProgressMeter({ phase: 'loading' });
  meter.take([at(1, { step: 5, total: 5 }), at(2, { phase: 'training' })]);
  expect(meter.progress).toEqual({ phase: 'training', total: 5, logOffset: 200, segment: 1 });
  meter.take([at(3, { step: 1, total: 80 }), at(4, { step: 2, total: 80 }), at(5, { step: 1, total: 80 }, 2)]);
  expect(meter.progress).toMatchObject({ phase: 'training', step: 1, total: 80 });
});

test('a loss that is no number is not reported as the one before', () => {
  const meter = new ProgressMeter({});
  meter.take([at(1, { step: 1, total: 5, loss: 0.5 }), at(2, { step: 2, total: 5, loss: 'NaN' })]);
  expect(meter.progress.loss).toBeUndefined();
});

test('a segment that goes on from a checkpoint shows that step until it has done another', () => {
  const meter = new ProgressMeter({ unit: 'step' });
  meter.take([at(1, { step: 12, total: 20 }), at(2, { from: 8 }, 2)]);
  expect(meter.progress).toMatchObject({ step: 8, total: 20 });
  meter.take([at(3, { step: 9, total: 20 }, 2)]);
  expect(meter.progress.step).toBe(9);
});
