import { checkCommand, inferSchema, NOT_IN_KEY, OUTPUT, READS } from '../command/config.ts';
import { madeSomething } from '../command/made-something.ts';
import { commandProgram } from '../command/program.ts';
import { readResult } from '../command/result-file.ts';
import { defineComponent } from '../component.ts';

/** InferModelHook `command`: the user's own inference script (docs/command.md). */
export const inferCommand = defineComponent({
  name: 'infer.command',
  hook: 'InferModelHook',
  type: 'command',
  version: 1,
  summary: 'makes outputs with a program of your own; the result is the folder that it wrote',
  resources: { tag: 'gpu', gpus: 1 },
  claims: true,
  cacheable: true,
  config: { extra: inferSchema },
  reads: READS,
  writes: [{ at: OUTPUT, kind: 'directory', fallback: 'output' }],
  results: [{ write: OUTPUT }],
  notInKey: NOT_IN_KEY,
  check: checkCommand(['output', 'result']),

  async run(run) {
    const command = inferSchema.parse(run.config.extra_configs);
    const { output, result, spec } = await commandProgram(run, command, 'making outputs');
    await run.program(spec);
    await madeSomething(output, spec.argv);
    const metrics = result === null ? {} : (await readResult(result)).metrics;
    return { results: [{ path: output }], metrics };
  },
});
