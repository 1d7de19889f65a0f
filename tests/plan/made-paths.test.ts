import { describe, expect, it } from 'vitest';
import { jobsIn } from './compiled.ts';

const analyse = (path: string, more = '') => `  - hook: ProbeViaAnalyzerHook
    meta_name: probe
    dj_configs: {dataset_path: data/d.jsonl, export_path: ${path}${more}}
`;
const process = (from: string, to: string) => `  - hook: ProcessDataHook
    dj_configs: {dataset_path: ${from}, export_path: ${to}}
`;
const train = (folder: string) => `  - hook: TrainModelHook
    extra_configs: {type: modelscope, model_name: a/b, trainer_name: t, work_dir: ${folder}}
`;

/** The edge of the last job's dataset. */
function edge(jobs: string, path: string) {
  const last = jobsIn(`execution_job_configs:\n${jobs}${process(path, 'out/last.jsonl')}`, {
    'out/there.jsonl': '',
  }).at(-1);
  const [found] = last?.edges ?? [];
  return found ? `${found.job}:${found.write}/${found.within}` : (last?.reads[0]?.path ?? null);
}

describe('a path that earlier jobs make', () => {
  it('is the last one of those that name it', () => {
    expect(
      edge(process('data/d.jsonl', 'out/a.jsonl') + process('data/d.jsonl', './out/../out/a.jsonl'), 'out/a.jsonl'),
    ).toBe('anonymous.2-process.data-juicer:dj_configs.export_path/');
  });
  it('is found whichever side spells the iter_<n> folder', () => {
    for (const [to, from] of [
      ['out/a.jsonl', 'out/iter_1/a.jsonl'],
      ['out/iter_1/a.jsonl', 'out/a.jsonl'],
      ['out/iter_1/a.jsonl', 'out/iter_2/a.jsonl'],
    ] as const) {
      expect(edge(process('data/d.jsonl', to), from)).toBe('anonymous.1-process.data-juicer:dj_configs.export_path/');
    }
  });
  it('may lie beside what is named: the stats of each sample', () => {
    expect(edge(analyse('out/a.jsonl'), 'out/a_stats.jsonl')).toBe(
      'anonymous.1-probe:dj_configs.export_path/../a_stats.jsonl',
    );
  });
  it('is not made by an analysis that exports no dataset', () => {
    expect(edge(analyse('out/there.jsonl'), 'out/there.jsonl')).toBe('/base/out/there.jsonl');
    expect(edge(analyse('out/there.jsonl', ', export_original_dataset: true'), 'out/there.jsonl')).toBe(
      'anonymous.1-probe:dj_configs.export_path/',
    );
  });
  it('lies in the innermost of the folders around it', () => {
    expect(edge(train('out') + train('out/models') + train('other'), 'out/models/checkpoint-1')).toBe(
      'anonymous.2-train.modelscope:extra_configs.work_dir/checkpoint-1',
    );
  });
  it('is rather the one that is named than one in a folder', () => {
    expect(edge(process('data/d.jsonl', 'out/a.jsonl') + train('out'), 'out/a.jsonl')).toBe(
      'anonymous.1-process.data-juicer:dj_configs.export_path/',
    );
  });
});
