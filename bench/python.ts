import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { folderStep } from '../setup/folder-step.mjs';
import { oneAtATime } from '../setup/one-at-a-time.mjs';
import { inHome, inPackage } from '../setup/places.mjs';
import { run } from '../setup/run.mjs';
import { findPython, findUv, uvEnvironment, uvStep } from '../setup/uv.mjs';

/**
 * Interpreter of an environment made once of `bench/<bench>/<name>.txt`, pip's requirements. Throws a SetupFailure where it cannot be made.
 */
export async function benchPython(bench: string, name: string, say: (line: string) => void): Promise<string> {
  const folder = inHome('bench', `${bench}-${name}`);
  const requirements = inPackage('bench', bench, `${name}.txt`);
  const step = folderStep({
    name: `${bench}-${name}`,
    title: `Python environment ${name} of bench ${bench}`,
    folder,
    proof: join('bin', 'python'),
    inputs: () => [readFileSync(requirements, 'utf8')],
    make: into => install(requirements, into),
  });
  if (!step.isDone()) {
    say(`installing bench/${bench}/${name}.txt …`);
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

/** Runs `bench/<bench>/<program>` on a value, both ways as JSON; its stderr is shown. */
export async function askPython(
  python: string,
  [bench, program]: [bench: string, program: string],
  question: unknown,
  env: Record<string, string> = {},
): Promise<unknown> {
  const { stdout } = await execa(python, [inPackage('bench', bench, program)], {
    input: JSON.stringify(question),
    env,
    stderr: 'inherit',
    maxBuffer: 1 << 30,
  });
  return JSON.parse(stdout);
}
