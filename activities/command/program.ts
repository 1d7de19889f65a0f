import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobRun } from '../component.ts';
import { durably, restarting } from '../runtime/durably.ts';
import { JobFailure } from '../runtime/failure.ts';
import { programEnvironment } from '../runtime/program-environment.ts';
import type { Checkpoints, ProgramSpec } from '../runtime/program-spec.ts';
import type { Command } from './config.ts';
import { handedOver } from './dataset.ts';
import { logPatterns, stepFollows } from './log-formats.ts';
import { fillIn } from './placeholders.ts';

/** Of checkpoints that are copies of the program's own: it keeps its own as it likes. */
const SEALED_KEPT = 2;

/** Which checkpoint it is, only the supervisor knows, at each start anew. */
const AT_EACH_START = { checkpoint: '{checkpoint}' };

/** Where a command writes, and the program that it is. */
export interface CommandProgram {
  /** Absolute folder that `{output}` stands for. */
  output: string;
  /** Absolute path that `{result}` stands for; null where the config names none. */
  result: string | null;
  spec: ProgramSpec;
}

/**
 * The program of a bound config. Throws JobFailure where a placeholder has no value, a secret is not in the worker's environment or the
 * dataset cannot be had in the wanted format.
 */
export async function commandProgram(run: JobRun, command: Command, phase: string): Promise<CommandProgram> {
  const output = command.output ?? join(run.out, 'output');
  const result = command.result == null ? null : join(output, command.result);
  checkSecrets(command.secrets ?? []);
  await mkdir(output, { recursive: true });
  const values: Record<string, string | null> = {
    ...Object.fromEntries(Object.entries(command.parameters ?? {}).map(([name, value]) => [name, String(value)])),
    dataset: await handedOver(run, command),
    model: command.model || null,
    output,
    result,
    gpus: String(Math.max(1, run.devices.length)),
  };
  const fill: Fill = (text, more = {}) => fillIn(text, { ...values, ...more });
  const env = Object.entries(command.env ?? {}).map(([name, value]) => [name, fill(String(value))]);
  const environment = await run.environment(command);
  const spec: ProgramSpec = {
    argv: [...environment.before, ...command.argv.map(each => fill(each))],
    cwd: command.cwd,
    env: { ...environment.env, ...Object.fromEntries(env) },
    patterns: logPatterns(command),
    unit: 'step',
    phase,
    ...(command.total != null && { total: command.total }),
    ...(command.fail_on_nan && { failOnNaN: true }),
    ...stepFollows(command.log),
    ...(command.checkpoints ? savingTo(run, command.checkpoints, output, fill) : restarting(run.job)),
  };
  return { output, result, spec };
}

type Saving = NonNullable<Command['checkpoints']>;

/** A program that keeps the contract saves by itself; one that does not has its checkpoints found by their names and sealed by the supervisor. */
function savingTo(run: JobRun, { folder, pattern, resume, stops_on_request }: Saving, output: string, fill: Fill) {
  const own = join(output, folder);
  const dir = pattern == null ? own : join(run.dir, 'checkpoints');
  const { checkpoints, restarts } = durably(run.job, { dir, canStopOnRequest: stops_on_request });
  const more: Partial<Checkpoints> = {
    ...(resume != null && { resumeArgs: resume.map(each => fill(each, AT_EACH_START)) }),
    ...(pattern != null && { seal: { from: own, pattern }, keep: checkpoints.keep ?? SEALED_KEPT }),
  };
  return { checkpoints: { ...checkpoints, ...more }, restarts };
}

type Fill = (text: string, more?: Record<string, string>) => string;

/** They reach the program as the rest of the worker's environment does, so that their values stand nowhere. */
function checkSecrets(names: readonly string[]): void {
  const there = programEnvironment();
  const missing = names.filter(name => !there[name]);
  if (missing.length === 0) return;
  throw new JobFailure(
    `the worker's environment has no ${missing.join(', ')}, which secrets names: set it where the worker is started (what begins with TEMPORAL_ is never passed on)`,
  );
}
