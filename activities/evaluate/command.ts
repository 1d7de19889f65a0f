import { checkCommand, evaluateSchema, NOT_IN_KEY, OUTPUT, READS } from '../command/config.ts';
import { commandProgram } from '../command/program.ts';
import { readResult, scoreOf } from '../command/result-file.ts';
import { type Component, defineComponent, type JobResult, type JobRun } from '../component.ts';

const evaluation: Omit<Component, 'name' | 'hook' | 'summary' | 'resources'> = {
  type: 'command',
  version: 1,
  claims: true,
  cacheable: true,
  config: { extra: evaluateSchema },
  reads: READS,
  writes: [{ at: OUTPUT, kind: 'directory', fallback: 'output' }],
  results: [{ value: 'score' }, { value: 'metrics' }],
  notInKey: NOT_IN_KEY,
  check: checkCommand(['output', 'result']),
  run: evaluate,
};

/** EvaluateModelHook `command`: the user's own evaluation of a model (docs/command.md). */
export const evaluateModelCommand = defineComponent({
  ...evaluation,
  name: 'evaluate.command',
  hook: 'EvaluateModelHook',
  summary: 'scores a model with a program of your own, by the JSON file that it writes',
  resources: { tag: 'gpu', gpus: 1 },
});

/** EvaluateDataHook `command`: the same for data, without a GPU unless asked. */
export const evaluateDataCommand = defineComponent({
  ...evaluation,
  name: 'evaluate.data-command',
  hook: 'EvaluateDataHook',
  summary: 'scores data with a program of your own, by the JSON file that it writes',
  resources: { tag: 'cpu', gpus: 0 },
});

async function evaluate(run: JobRun): Promise<JobResult> {
  const command = evaluateSchema.parse(run.config.extra_configs);
  const { result, spec } = await commandProgram(run, command, 'scoring');
  await run.program(spec);
  const { whole, metrics } = await readResult(result!);
  return { results: [{ value: scoreOf(result!, metrics, command.primary) }, { value: whole }], metrics };
}
