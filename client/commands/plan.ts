import type { Command } from 'commander';
import { addConfigOptions, type ConfigOptions } from '../config-options.ts';

/** `dj-sandbox plan` */
export function addPlan(program: Command): void {
  addConfigOptions(
    program.command('plan').description('what a config would run: pipelines, stages, jobs and their keys'),
  )
    .option('--json', 'print JSON: {pipelines: [{name, stages: [{name, jobs}]}]}')
    .addHelpText(
      'after',
      '\nExamples:\n  $ dj-sandbox plan --config sandbox.yaml\n  $ dj-sandbox plan --config sandbox.yaml --set k=2 --json',
    )
    .action(async (options: ConfigOptions & { json?: boolean }) => {
      const { countErrors, reportDiagnostics } = await import('../compile-config.ts');
      const { compileWithSweep } = await import('../resolve-sweep.ts');
      const { toCompile } = await import('../config-options.ts');
      const { EXIT } = await import('../failure.ts');
      const request = await toCompile(options);
      const compiled = compileWithSweep({ ...request, absent: 'warning' });
      if (!compiled.ok) {
        reportDiagnostics([...compiled.errors, ...compiled.warnings]);
        process.stderr.write(`${countErrors(request.config, compiled.errors)}\n`);
        process.exitCode = EXIT.badInput;
        return;
      }
      const { planLines, planView } = await import('../plan-view.ts');
      const view = await planView(compiled.plan);
      if (options.json) {
        const { printJson } = await import('../output.ts');
        return printJson(view);
      }
      for (const line of planLines(view, process.stdout.columns ?? 160)) console.log(line);
      reportDiagnostics(compiled.warnings);
    });
}
