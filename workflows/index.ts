export { sandboxSweep } from './sweep.ts';
export { sandboxTrial } from './trial.ts';
