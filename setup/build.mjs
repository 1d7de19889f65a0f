import { chmodSync, cpSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { contentsOf, hashOf, moveIntoPlace, stampOf } from './folder-step.mjs';
import { inPackage, isInstalled } from './places.mjs';
import { run } from './run.mjs';

const SOURCES = ['plan', 'workflows', 'activities', 'workers', 'report', 'client'];
/** Of report/: what pages have in them as it is. */
const BROWSER = ['report', 'browser'];

/**
 * Compiles into a folder of its own, then swaps it in: running workers and a second build never see half of one.
 * @type {import("./folder-step.mjs").Step}
 */
export const build = {
  name: 'build',
  title: 'TypeScript, and the bundle of the workflows',
  isDone: () => isInstalled || stampOf(inPackage('dist')) === sourcesHash(),
  async run() {
    const stamp = sourcesHash();
    const into = inPackage(`dist.${process.pid}`);
    rmSync(into, { recursive: true, force: true });
    const tsc = inPackage('node_modules', 'typescript', 'bin', 'tsc');
    try {
      await run(process.execPath, [tsc, '-p', '.', '--outDir', into], { what: 'The TypeScript build' });
      cpSync(inPackage(...BROWSER), join(into, ...BROWSER), { recursive: true });
      await bundleWorkflows(into);
      chmodSync(join(into, 'client', 'main.js'), 0o755);
      writeFileSync(join(into, '.set-up'), stamp);
      moveIntoPlace(into, inPackage('dist'));
    } finally {
      rmSync(into, { recursive: true, force: true });
    }
  },
};

/**
 * Bundled once here, not at every start of a worker.
 * @param {string} dist
 */
async function bundleWorkflows(dist) {
  const worker = inPackage('node_modules', '@temporalio', 'worker', 'lib', 'index.js');
  const { bundleWorkflowCode } = await import(pathToFileURL(worker).href);
  const logger = { trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error, log() {} };
  const workflows = { workflowsPath: join(dist, 'workflows', 'index.js'), logger };
  const { code } = await bundleWorkflowCode(workflows);
  writeFileSync(join(dist, 'workflow-bundle.js'), code);
  const workflowInterceptorModules = [join(dist, 'workflows', 'traces.js')];
  const traced = await bundleWorkflowCode({ ...workflows, workflowInterceptorModules });
  writeFileSync(join(dist, 'workflow-bundle-traced.js'), traced.code);
}

function sourcesHash() {
  const files = ['package-lock.json', 'tsconfig.json', 'setup/build.mjs', ...SOURCES.flatMap(sourcesIn)];
  return hashOf([...files, ...contentsOf(files.map(file => inPackage(file)))]);
}

/** @param {string} folder @returns {string[]} */
function sourcesIn(folder) {
  if (!existsSync(inPackage(folder))) return [];
  return readdirSync(inPackage(folder), { recursive: true, encoding: 'utf8' })
    .filter(file => /\.(ts|js|css|json)$/.test(file))
    .sort()
    .map(file => join(folder, file));
}
