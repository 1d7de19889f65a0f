import { build } from './build.mjs';
import { baseModelStep, clipsStep, textStep } from './data.mjs';
import { npmPackages } from './npm-packages.mjs';
import { pythonEnvironment } from './python-environment.mjs';
import { temporalStep, testServerStep } from './temporal.mjs';
import { findUv, uvStep } from './uv.mjs';

const dataJuicer = pythonEnvironment({
  name: 'data-juicer',
  title: 'Python environment data-juicer',
  download: '350 MB and torch',
});
const train = pythonEnvironment({ name: 'train', title: 'Python environment train', download: '30 MB and torch' });
const vbench = pythonEnvironment({ name: 'vbench', title: 'Python environment vbench', download: '70 MB and torch' });
const samplers = pythonEnvironment({
  name: 'samplers',
  title: 'Python environment samplers',
  download: '20 MB and torch',
});
const pools = pythonEnvironment({ name: 'pools', title: 'Python environment pools', download: '80 MB' });
const quality = pythonEnvironment({ name: 'quality', title: 'Python environment quality', download: '480 MB' });
const modelscope = pythonEnvironment({
  name: 'modelscope',
  title: 'Python environment modelscope',
  download: '120 MB and torch',
});
const trackers = pythonEnvironment({ name: 'trackers', title: 'Python environment trackers', download: '110 MB' });

const program = [npmPackages, build];
const text = [...program, temporalStep, dataJuicer, textStep];
const demo = [...program, temporalStep, dataJuicer, textStep, train, vbench, clipsStep, baseModelStep, samplers, pools];
const all = [...program, temporalStep, testServerStep, ...demo.slice(3), quality, trackers];

/** What each command needs, in the order in which it is made. */
const NEEDS = {
  build: program,
  text,
  demo,
  dev: demo,
  test: all,
  slow: all,
  'slow-data': [...all, modelscope],
  setup: [...all, modelscope],
  soak: [...program, temporalStep],
  samplers: [samplers],
};

/**
 * The steps that `command` needs and that are not done; uv only where one of them installs with it.
 * @param {keyof typeof NEEDS} command
 * @returns {Promise<import('./folder-step.mjs').Step[]>}
 */
export async function missingSteps(command) {
  const missing = NEEDS[command].filter(step => !step.isDone());
  const isUvNeeded = missing.some(step => step.download && step !== npmPackages) && !(await findUv());
  const uvAt = missing.findIndex(step => step.download && step !== npmPackages);
  return isUvNeeded ? [...missing.slice(0, uvAt), uvStep, ...missing.slice(uvAt)] : missing;
}
