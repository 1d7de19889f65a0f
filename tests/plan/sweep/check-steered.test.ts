import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../../../plan/diagnostic.ts';
import type { SteeringArgs } from '../../../plan/protocol.ts';
import { checkSteered } from '../../../plan/sweep/check-steered.ts';
import { CATALOGUE } from '../catalogue.ts';
import { BASE, DATA, filesOf } from '../compiled.ts';
import { REGISTRY } from '../registry.ts';
import { BY_INPUTS, TEXT_FILES } from '../shapes.ts';

const SWEEP = `method: random
metric: {name: score.mean_score, goal: maximize}
run_cap: 10
parameters:
  text_length_filter.min_len: {min: 1, max: 100}
  text_length_filter.max_len: {values: [1000, 2000]}
`;

function steered(asked: Omit<SteeringArgs, 'input'>, sweep: string | null = SWEEP) {
  const config = `hpo_config: sweep.yaml\n${BY_INPUTS}`;
  const texts = { ...DATA, ...TEXT_FILES, 'sandbox.yaml': config, ...(sweep !== null && { 'sweep.yaml': sweep }) };
  const { space, problems } = checkSteered(
    { config: `${BASE}/sandbox.yaml`, baseDir: BASE, absent: 'warning' },
    asked,
    { registry: REGISTRY, files: filesOf(texts), catalogue: CATALOGUE },
  );
  return { names: space.map(({ name }) => name), errors: problems.errors.map(formatDiagnostic) };
}

const point = { 'text_length_filter.min_len': 5, 'text_length_filter.max_len': 2000 };
const parameters = { 'clean.dj_configs.np': { values: [1, 2] } };

describe('a point of the user’s own', () => {
  it('that could have been drawn is right', () => expect(steered({ points: [point] }).errors).toEqual([]));

  it.each<[string, Record<string, unknown>, string[]]>([
    [
      'out of bounds or not in the list',
      { 'text_length_filter.min_len': 500, 'text_length_filter.max_len': 3 },
      [
        'point text_length_filter.min_len: expected a whole number from 1 to 100, got 500',
        'point text_length_filter.max_len: expected one of 1000, 2000, got 3',
      ],
    ],
    [
      'with another name',
      { ...point, 'text_length_filter.min_length': 5 },
      [
        'point text_length_filter.min_length: the sweep has no parameter of this name; did you mean "text_length_filter.min_len"?',
      ],
    ],
    [
      'with too few',
      {},
      [
        'point: a point has a value for every parameter; missing: text_length_filter.min_len, text_length_filter.max_len',
      ],
    ],
  ])('%s is refused', (_title, given, errors) =>
    expect(steered({ points: [given as typeof point] }).errors).toEqual(errors),
  );

  it('is judged by the space as it is by now, though the file is gone', () => {
    const space = [
      { name: 'text_length_filter.min_len', distribution: { kind: 'int_uniform' as const, min: 400, max: 600 } },
    ];
    const asked = { sampler: 'random', space, points: [{ 'text_length_filter.min_len': 500 }] };
    expect(steered(asked, null)).toEqual({ names: ['text_length_filter.min_len'], errors: [] });
  });
});

describe('another space', () => {
  it('is read and tried as that of a file', () => {
    expect(steered({ parameters })).toEqual({ names: ['clean.dj_configs.np'], errors: [] });
    expect(
      steered({
        parameters: { 'clean.dj_configs.nq': { values: [1] }, 'text_length_filter.min_len': { min: 9, max: 1 } },
      }).errors,
    ).toEqual([
      'parameters text_length_filter.min_len.min: min 9 is above max 1; swap them',
      'parameters clean.dj_configs.nq: unknown recipe key; did you mean "np"?',
    ]);
  });

  it('of a grid can be enumerated', () => {
    const wide = { 'text_length_filter.min_len': { distribution: 'q_normal', mu: 50 } };
    expect(steered({ parameters: wide }).errors).toEqual([]);
    expect(steered({ sampler: 'grid', space: [], parameters: wide }, null).errors).toEqual([
      expect.stringContaining('grid tries every value, and q_normal cannot be enumerated'),
    ]);
  });

  it('that is hostile is refused', () => {
    const hostile = JSON.parse('{"__proto__": {"values": [1]}}');
    expect(steered({ parameters: hostile }).errors).toEqual([
      'parameters __proto__: "__proto__" cannot be a key; name it otherwise',
    ]);
  });
});
