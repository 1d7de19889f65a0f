import { expect, test } from 'vitest';
import { VBENCH_DIMENSIONS, vbenchTotals } from '../../plan/vbench-totals.ts';

// All sixteen scores of one model; its totals were worked out apart from this code, with the constants of VBench's scripts/constant.py.
const MODEL_QUALITY = {
  subject_consistency: 0.9141,
  background_consistency: 0.9747,
  temporal_flickering: 0.983,
  motion_smoothness: 0.9638,
  dynamic_degree: 0.4972,
  aesthetic_quality: 0.5494,
  imaging_quality: 0.619,
};
const MODEL_SEMANTIC = {
  object_class: 0.9182,
  multiple_objects: 0.3332,
  human_action: 0.968,
  color: 0.8639,
  spatial_relationship: 0.3409,
  scene: 0.5269,
  appearance_style: 0.2356,
  temporal_style: 0.2593,
  overall_consistency: 0.2641,
};

test('sixteen scores give the totals worked out by the official constants', () => {
  const { quality, semantic, total } = vbenchTotals({ ...MODEL_QUALITY, ...MODEL_SEMANTIC });
  expect([quality, semantic, total].map(value => (100 * value!).toFixed(2))).toEqual(['78.78', '70.31', '77.08']);
});

test('quality counts dynamic_degree half: by hand, six scores at their best and a still video give 6 / 6.5', () => {
  const best = {
    ...MODEL_QUALITY,
    motion_smoothness: 0.9975,
    dynamic_degree: 0,
    aesthetic_quality: 1,
    imaging_quality: 1,
  };
  const scores = { ...best, subject_consistency: 1, background_consistency: 1, temporal_flickering: 1 };
  expect(vbenchTotals(scores).quality).toBeCloseTo(6 / 6.5, 12);
});

test('quality by hand: each score is scaled to its range before the weighted mean', () => {
  const scores = {
    subject_consistency: 0.5731, // half of .1462…1
    background_consistency: 0.2615, // 0
    temporal_flickering: 0.6293, // 0
    motion_smoothness: 0.706, // 0
    dynamic_degree: 1, // counts half
    aesthetic_quality: 0.25,
    imaging_quality: 0.75,
  };
  expect(vbenchTotals(scores)).toEqual({ quality: expect.closeTo((0.5 + 0.5 + 0.25 + 0.75) / 6.5, 12) });
});

test('semantic by hand: the text-alignment scores reach 1 at the ranges of the leaderboard', () => {
  const scores = {
    object_class: 1,
    multiple_objects: 0,
    human_action: 0.5,
    color: 1,
    spatial_relationship: 0,
    scene: 0.4111, // half of .8222
    appearance_style: 0.2855, // 1
    temporal_style: 0.182, // half of .364
    overall_consistency: 0, // 0
  };
  expect(vbenchTotals(scores)).toEqual({ semantic: expect.closeTo(4.5 / 9, 12) });
});

test('a missing dimension leaves out its total and the overall one', () => {
  const { imaging_quality: _, ...six } = MODEL_QUALITY;
  expect(vbenchTotals({ ...six, ...MODEL_SEMANTIC })).toEqual({ semantic: expect.closeTo(0.7031, 4) });
  expect(vbenchTotals({ temporal_flickering: 0.98 })).toEqual({});
});

test('there are sixteen dimensions', () => {
  expect(new Set(VBENCH_DIMENSIONS).size).toBe(16);
});
