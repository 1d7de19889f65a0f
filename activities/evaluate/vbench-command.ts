import type { Environment } from '../runtime/environments/environment.ts';
import { JobFailure } from '../runtime/failure.ts';
import { pythonFile } from '../runtime/paths.ts';
import type { VBenchConfig } from './vbench-config.ts';

export interface VBenchCall {
  dimension: string;
  videos: string;
  output: string;
  gpus: number;
}

/** `evaluate …` as VBench's command line has it, one dimension a call. */
export function vbenchArguments(config: VBenchConfig, { dimension, videos, output, gpus }: VBenchCall): string[] {
  return [
    'evaluate',
    ...['--ngpus', String(gpus)],
    ...(config.full_json_dir ? ['--full_json_dir', config.full_json_dir] : []),
    ...['--output_path', output],
    ...['--videos_path', videos],
    ...['--dimension', dimension],
    // VBench reads any value of this flag as true, `False` too.
    ...(config.load_ckpt_from_local ? ['--load_ckpt_from_local', 'True'] : []),
    ...(config.mode === 'custom_input' ? ['--mode', 'custom_input'] : []),
  ];
}

/** argv of one dimension: our runner by the environment's Python, or the config's own command in it. Throws JobFailure where that cannot be. */
export function vbenchCommand(
  config: VBenchConfig,
  call: VBenchCall,
  { python, before }: Pick<Environment, 'python' | 'before'>,
): string[] {
  const args = vbenchArguments(config, call);
  const command = config.launcher?.command;
  if (command) return [...before, ...command, ...shellSafe(args)];
  return [...python, pythonFile('evaluate', 'vbench_cli.py'), ...args];
}

/** VBench's own console script pastes its arguments into a line for a shell. */
function shellSafe(args: string[]): string[] {
  const unsafe = args.find(argument => !/^[\w@%+=:,./-]+$/.test(argument));
  if (unsafe === undefined) return args;
  throw new JobFailure(
    `launcher.command: \`vbench\` pastes its arguments into a shell line, which ${JSON.stringify(unsafe)} would break; use a path of letters, digits and _-./ or leave it out (launcher.python or env_name choose the environment then)`,
  );
}
