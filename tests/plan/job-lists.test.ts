import { expect, it } from 'vitest';
import { compile } from '../../plan/compile.ts';
import type { ComponentSpec } from '../../plan/component.ts';
import { isReservedStage, jobListsOf } from '../../plan/job-lists.ts';
import { CATALOGUE } from './catalogue.ts';
import { BASE, filesOf } from './compiled.ts';

const bringing = (hook: string, jobList?: ComponentSpec['jobList']): ComponentSpec => ({
  name: `own.${hook.toLowerCase()}`,
  hook,
  version: 1,
  summary: '',
  resources: { tag: 'cpu', gpus: 0 },
  claims: false,
  cacheable: true,
  config: {},
  reads: [],
  writes: [],
  results: [],
  ...(jobList && { jobList }),
});

const stagesOf = (...lists: ComponentSpec['jobList'][]) =>
  jobListsOf(lists.map((list, i) => bringing(`H${i}`, list))).map(({ stage }) => stage);

it('lists that components bring run behind the stage that they name, in the order in which they were brought', () => {
  expect(stagesOf()).toEqual(['probe', 'refine', 'execution', 'evaluation']);
  expect(
    stagesOf(
      { stage: 'report' },
      { stage: 'label', after: 'probe' },
      { stage: 'check', after: 'probe' },
      { stage: 'publish', after: 'report' },
    ),
  ).toEqual(['probe', 'label', 'check', 'refine', 'execution', 'evaluation', 'report', 'publish']);
});

it('a list that two components bring is one list; one behind a stage that there is not is the last', () => {
  expect(stagesOf({ stage: 'report' }, { stage: 'report' }, { stage: 'x', after: 'nowhere' })).toEqual([
    'probe',
    'refine',
    'execution',
    'evaluation',
    'report',
    'x',
  ]);
});

it.each(['probe', 'refine', 'refine_recipe', 'evaluation'])("%s is no name for a list of one's own", stage => {
  expect(isReservedStage(stage)).toBe(true);
});

it('jobs of such a list are compiled in its place; without the component its key is unknown', () => {
  const config =
    'report_job_configs: [{hook: Report, meta_name: r}]\nprobe_job_configs: [{hook: Look, meta_name: l}]\n';
  const compiled = (registry: ComponentSpec[]) =>
    compile(
      { config: `${BASE}/sandbox.yaml`, baseDir: BASE },
      registry,
      filesOf({ 'sandbox.yaml': config }),
      CATALOGUE,
    );
  const known = compiled([bringing('Look'), bringing('Report', { stage: 'report' })]);
  if (!known.ok) throw new Error(known.diagnostics.map(({ message }) => message).join('\n'));
  expect(known.plan.pipelines[0]!.stages.map(({ name, jobs }) => [name, jobs.map(job => job.id)])).toEqual([
    ['probe', ['anonymous.1-l']],
    ['report', ['anonymous.2-r']],
  ]);
  const unknown = compiled([bringing('Look'), bringing('Report')]);
  expect(unknown.ok ? [] : unknown.diagnostics.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^unknown key; .*evaluation_job_configs/),
  ]);
});
