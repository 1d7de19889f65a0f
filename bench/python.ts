import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { folderStep } from '../setup/folder-step.mjs';
import { oneAtATime } from '../setup/one-at-a-time.mjs';
import { inHome, inPackage } from '../setup/places.mjs';
import { run } from '../setup/run.mjs';
import { findPython, findUv, uvEnvironment, uvStep } from '../setup/uv.mjs';

/**
 * Interpreter of `.sandbox/bench/<name>`, an environment made once of the requirements of `bench/<name>/requirements.txt`. Throws a SetupFailure where it cannot
 * be made.
 */
export async function benchPython(name: string, say: (line: string) => void): Promise<string> {
  const folder = inHome('bench', name);
  const requirements = inPackage('bench', name, 'requirements.txt');
  const step = folderStep({
    name,
    title: `Python environment of bench ${name}`,
    folder,
    proof: join('bin', 'python'),
    inputs: () => [readFileSync(requirements, 'utf8')],
    make: into => install(requirements, into),
  });
  if (!step.isDone()) {
    say(`installing bench/${name}/requirements.txt …`);
    await oneAtATime(
      async () => {
        if (!(await findUv())) await uvStep.run();
        if (!step.isDone()) await step.run();
      },
      pid => say(`another set-up runs here (process ${pid}); waiting for it`),
    );
  }
  return join(folder, 'bin', 'python');
}

async function install(requirements: string, into: string): Promise<void> {
  const uv = (await findUv()) ?? 'uv';
  const env = await uvEnvironment(uv);
  await run(uv, ['venv', '--quiet', '--relocatable', '--python', await findPython(uv), into], { env, what: 'uv venv' });
  const args = ['pip', 'install', '--python', join(into, 'bin', 'python'), '--requirements', requirements];
  await run(uv, args, { env, what: `Installing ${requirements}` });
}

/** Runs a program of a bench on a value, both ways as JSON; its stderr is shown. */
export async function askPython(python: string, program: string, question: unknown): Promise<unknown> {
  const { stdout } = await execa(python, [inPackage('bench', ...program.split('/'))], {
    input: JSON.stringify(question),
    stderr: 'inherit',
    maxBuffer: 1 << 30,
  });
  return JSON.parse(stdout);
}
