import type { Command } from 'commander';
import { reportFailure } from '../failure.ts';
import type { WorkerOptions } from '../run-worker.ts';
import { withComponents } from '../with-components.ts';

/** `dj-sandbox worker` */
export function addWorker(program: Command): void {
  withComponents(program.command('worker').description('run a worker on this machine until Ctrl-C'))
    .option('--tags <tags>', 'jobs of which tags it takes, such as cpu,gpu')
    .option('--gpus <gpus>', 'GPUs that it may lease: auto, none or indices such as 0,1', 'auto')
    .option('--cpu-places <n>', 'where there is no GPU: trainings that it runs at once', '1')
    .option('--slots <n>', 'short jobs that it runs at once', '4')
    .option(
      '--drain',
      'when stopped, wait for the jobs that run here (a second Ctrl-C does not); default: leave trainers running for the next worker',
    )
    .option('--no-warm', 'load Data-Juicer when a job first needs it; default: when a worker for cpu starts')
    .option('--metrics <port>', 'where Prometheus finds its numbers: a port of loopback, or address:port')
    .option(
      '--traces <url>',
      'collector of OpenTelemetry traces, such as http://127.0.0.1:4318; default: as OTEL_EXPORTER_OTLP_ENDPOINT says',
    )
    .option('--control', 'run trials themselves (one such worker is enough)')
    .option('--trackers <names>', 'of trials whose config names none: wandb, mlflow, tensorboard')
    .addHelpText(
      'after',
      `
Examples:
  $ dj-sandbox worker --control
  $ dj-sandbox worker --control --trackers wandb,tensorboard
  $ dj-sandbox worker --tags cpu --slots 2
  $ dj-sandbox worker --tags gpu,gpu-h100 --gpus 0,1
  $ dj-sandbox worker --tags gpu --drain
  $ dj-sandbox worker --tags gpu --metrics 9464 --traces http://127.0.0.1:4318
  $ dj-sandbox worker --tags cpu --components ./my-evaluator.ts,@acme/sandbox-components
Control workers and host workers need the same components.`,
    )
    .action(async (options: WorkerOptions) => {
      const { runWorker } = await import('../run-worker.ts');
      try {
        await runWorker(options);
      } catch (error) {
        // The SDK leaves its threads running where a worker cannot be made: without this, who keeps workers would wait for ever for this one's end.
        process.exit(reportFailure(error));
      }
    });
}
