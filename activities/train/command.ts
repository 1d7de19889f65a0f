import { checkCommand, NOT_IN_KEY, OUTPUT, READS, trainSchema } from '../command/config.ts';
import { madeSomething } from '../command/made-something.ts';
import { commandProgram } from '../command/program.ts';
import { readResult } from '../command/result-file.ts';
import { stepSummary } from '../command/step-summary.ts';
import { defineComponent } from '../component.ts';

/** TrainModelHook `command`: the user's own training script (docs/command.md). */
export const trainCommand = defineComponent({
  name: 'train.command',
  hook: 'TrainModelHook',
  type: 'command',
  version: 1,
  summary: 'trains with a program of your own; the result is the folder that it wrote',
  resources: { tag: 'gpu', gpus: 1 },
  claims: true,
  cacheable: true,
  config: { extra: trainSchema },
  reads: READS,
  writes: [{ at: OUTPUT, kind: 'directory', fallback: 'output' }],
  results: [{ write: OUTPUT }],
  steps: {
    sums: metric => /^(?:first|last)_(.+)$/.exec(metric)?.[1],
    waits: ({ extra_configs }) => extra_configs?.['checkpoints'] != null,
  },
  notInKey: [...NOT_IN_KEY, 'extra_configs.checkpoints', 'extra_configs.fail_on_nan'],
  check: checkCommand(['output']),

  async run(run) {
    const command = trainSchema.parse(run.config.extra_configs);
    const { output, result, spec } = await commandProgram(run, command, 'training');
    const end = await run.program(spec);
    await madeSomething(output, spec.argv);
    const summary = await stepSummary(end.metrics);
    const told = result === null ? {} : (await readResult(result)).metrics;
    const notes = summary['steps'] === 0 ? [NOTHING_READ] : [];
    return { results: [{ path: output }], metrics: { ...summary, ...told }, notes };
  },
});

const NOTHING_READ =
  'no step was read in its log: `log`, `metrics` and `patterns` say what to read there (docs/command.md)';
