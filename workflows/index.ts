export { sandboxPoolStudy } from './pool-study.ts';
export { sandboxSweep } from './sweep.ts';
export { sandboxTrial } from './trial.ts';
