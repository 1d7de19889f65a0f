// Runs bench/main.ts, compiled as it is loaded: run.mjs [arguments]
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

await runnerImport(fileURLToPath(new URL('main.ts', import.meta.url)), { configFile: false, logLevel: 'warn' });
