import type { Command } from 'commander';
import { addConfigOptions, type ConfigOptions } from '../config-options.ts';

/** `dj-sandbox validate` */
export function addValidate(program: Command): void {
  addConfigOptions(
    program.command('validate').description('check a sandbox config and every file that it names, a sweep file too'),
  )
    .option('--json', 'print JSON: {ok, errors, warnings}')
    .addHelpText(
      'after',
      '\nExamples:\n  $ dj-sandbox validate --config sandbox.yaml\n  $ dj-sandbox validate --config sandbox.yaml --json',
    )
    .action(async (options: ConfigOptions & { json?: boolean }) => {
      const { countErrors, reportDiagnostics } = await import('../compile-config.ts');
      const { compileWithSweep } = await import('../resolve-sweep.ts');
      const { toCompile } = await import('../config-options.ts');
      const { EXIT } = await import('../failure.ts');
      const request = await toCompile(options);
      const compiled = compileWithSweep(request);
      const errors = compiled.ok ? [] : compiled.errors;
      if (!compiled.ok) process.exitCode = EXIT.badInput;
      if (options.json) {
        const { printJson } = await import('../output.ts');
        return printJson({ ok: compiled.ok, errors, warnings: compiled.warnings });
      }
      reportDiagnostics([...errors, ...compiled.warnings]);
      if (!compiled.ok) process.stderr.write(`${countErrors(request.config, errors)}\n`);
      else {
        const { jobsOf } = await import('../../plan/plan.ts');
        const count = jobsOf(compiled.plan).length;
        console.log(`${request.config} is valid: ${count} ${count === 1 ? 'job' : 'jobs'}`);
        if (!compiled.sweep) return;
        const { sweepSentence } = await import('../sweep-plan-view.ts');
        console.log(`its sweep is valid: ${sweepSentence(compiled.sweep)}`);
      }
    });
}
