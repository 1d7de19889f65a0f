import { afterEach, describe, expect, it, vi } from 'vitest';
import { registry } from '../../activities/components.ts';
import { componentView, detailLines, listLines } from '../../client/components-view.ts';
import { listComponents } from '../../client/list-components.ts';

const views = registry.map(spec => componentView(spec, { from: null, runs: spec.notRunnable === undefined }));

afterEach(() => vi.restoreAllMocks());

describe('dj-sandbox components', () => {
  it('lists every component once, under its hook, no wider than the terminal', () => {
    const lines = listLines(views, 100);
    for (const { name } of views)
      expect(
        lines.filter(line => line.includes(` ${name} `)),
        name,
      ).toHaveLength(1);
    expect(lines.filter(line => line === 'TrainModelHook')).toHaveLength(1);
    expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(100);
  });

  it('shows of one the keys of its configs, which are required, of what type', () => {
    const lines = views.filter(({ name }) => name === 'evaluate.mse').flatMap(detailLines);
    expect(lines[0]).toBe('evaluate.mse: EvaluateDataHook, type: mse; version 1, queue cpu');
    expect(lines).toContain('  type (required): "mse"');
    expect(lines).toContain('  predicted_value_key (required): text. Dotted key of the prediction in a sample');
    expect(lines).toContain('  predicted_dataset_path (required): text or list of text. Datasets of predictions');
    expect(lines).toContain(
      '  env_params.env_config_path: text or null. A conda environment.yml, of which one is made',
    );
    expect(lines).toContain('  launcher.python: text or null');
  });

  it('gives a JSON Schema of each config of every component', () => {
    for (const { name, config } of views)
      for (const schema of Object.values(config))
        if (schema) expect(schema, name).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema' });
  });

  it('says which name was probably meant', () => {
    expect(() => listComponents('evaluate.mze', {})).toThrow(
      'there is no component evaluate.mze; did you mean "evaluate.mse"?',
    );
  });

  it('takes a type instead of the name', () => {
    const said = vi.spyOn(console, 'log').mockImplementation(() => {});
    listComponents('mse', {});
    expect(said.mock.calls[0]).toEqual(['evaluate.mse: EvaluateDataHook, type: mse; version 1, queue cpu']);
  });
});
