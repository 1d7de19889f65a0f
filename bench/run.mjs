// Runs a TypeScript file of this folder, compiled as it is loaded: run.mjs main.ts [arguments]
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const file = fileURLToPath(new URL(process.argv[2] ?? 'main.ts', import.meta.url));
await runnerImport(file, { configFile: false, logLevel: 'error' });
