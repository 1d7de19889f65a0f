export { sandboxTrial } from './trial.ts';
