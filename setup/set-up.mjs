import { rmSync } from 'node:fs';
import { oneAtATime } from './one-at-a-time.mjs';
import { inHome } from './places.mjs';
import { missingSteps } from './steps.mjs';

/**
 * Makes what `command` needs and is not there; says first what, and what is downloaded for it. Does nothing where all is there.
 * @param {Parameters<typeof missingSteps>[0]} command
 */
export async function setUp(command) {
  if ((await missingSteps(command)).length === 0) return;
  await oneAtATime(
    () => makeMissing(command),
    pid => console.log(`Another set-up runs here (process ${pid}); waiting for it.`),
  );
}

/** @param {Parameters<typeof missingSteps>[0]} command */
async function makeMissing(command) {
  rmSync(inHome('tmp'), { recursive: true, force: true }); // left by an interrupted set-up
  const steps = await missingSteps(command);
  announce(steps);
  for (const [i, step] of steps.entries()) {
    console.log(`[${i + 1}/${steps.length}] ${step.title} …`);
    const start = performance.now();
    await step.run();
    console.log(`      done in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  }
}

/** @param {import('./folder-step.mjs').Step[]} steps */
function announce(steps) {
  if (!steps.some(step => step.download)) return;
  console.log('Set-up. This is missing, and downloaded as far as no cache has it:');
  for (const { title, download } of steps) console.log(`  ${title}${download ? `: ${download}` : ', made here'}`);
  if (steps.some(step => step.download?.includes('torch'))) {
    console.log(
      'torch is downloaded once: 3.9 GB with its CUDA libraries, or 0.2 GB where there is no GPU and its CPU build can be had.\n' +
        'All of it takes up to 9 GB of disk, most of it shared with the cache of uv.',
    );
  }
}
