// OpenTelemetry traces: one a trial or sweep, whatever dies on the way; a collector that hangs or is away holds nobody up.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { temporal } from '@temporalio/proto';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, type InjectedSinks, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../activities/runtime/paths.ts';
import { temporalCli } from '../../workers/temporal-cli.ts';
import { nudge } from '../fixtures/workflows/coincidence.ts';
import { type OtlpReceiver, otlpReceiver, type ReceivedSpan } from '../support/otlp-receiver.ts';
import { type RealSandbox, startRealSandbox } from '../support/real-sandbox.ts';

const LIMIT_MS = 240_000;
const SECRET = 'hunter2-of-the-config';
const HOSTILE = `<script>alert(1)</script> "quoted" 'single' *bold* 🚀 ${'x'.repeat(2_000)}`;
const TRAIN = `
import sys, time
for step in range(1, 5):
    print(f'step={step}/4 loss={1 / step}', flush=True)
    time.sleep(0.3)
if sys.argv[2] == 'fails':
    sys.exit('the words of the failure: ' + sys.argv[3])
open(sys.argv[1] + '/weights', 'w').write('4')
`;

describe('a trial and a sweep', () => {
  let sandbox: RealSandbox;
  let receiver: OtlpReceiver;
  let script: string;
  beforeAll(async () => {
    receiver = await otlpReceiver();
    // Workers and commands alike; batches do not wait for seconds.
    process.env.OTEL_BSP_SCHEDULE_DELAY = '100';
    sandbox = await startRealSandbox('cpu', 'none', [], {
      traces: receiver.url,
      dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': 40 },
    });
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = receiver.url;
    script = join(sandbox.folder, 'train.py');
    await writeFile(script, TRAIN);
  }, LIMIT_MS);
  afterAll(async () => {
    delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
    delete process.env.OTEL_BSP_SCHEDULE_DELAY;
    await sandbox?.stop();
    await receiver?.close();
  }, LIMIT_MS);

  async function configFile(name: string, how = 'ends', more: object = {}, metaName = 'train'): Promise<string> {
    const config = {
      project_name: 'traced',
      experiment_name: name,
      work_dir: join(sandbox.folder, 'work'),
      execution_job_configs: [
        {
          hook: 'TrainModelHook',
          meta_name: metaName,
          resources: { tag: 'cpu', gpus: 0 },
          extra_configs: {
            type: 'command',
            argv: ['python3', script, '{output}', '{how}', '{secret}', '{seed}'],
            parameters: { how, secret: SECRET, seed: 1 },
            log: 'key-value',
          },
        },
      ],
      ...more,
    };
    const file = join(sandbox.folder, `${name}.json`);
    await writeFile(file, JSON.stringify(config));
    return file;
  }

  /** The trace of a workflow, when its last span has come. */
  async function traceOf(id: string): Promise<Trace> {
    const last = () =>
      receiver.spans.find(span => isRun(span) && ranAs(span) === id && !continues(receiver.spans, span));
    await expect.poll(last, { timeout: 60_000 }).toBeDefined();
    const { traceId } = last()!;
    return new Trace(receiver.spans.filter(span => span.traceId === traceId));
  }

  test(
    'of a trial that is killed, runs twice and continues as new there is one trace, from the command to its jobs',
    async () => {
      const config = await configFile('thrice', 'ends', { max_iter_num: 3 });
      const run = sandbox.cli('run', '--config', config, '--id', 'thrice');
      // While its first job trains.
      await expect
        .poll(() => receiver.spans.some(span => span.name === 'RunActivity:claimJob'), { timeout: 60_000 })
        .toBe(true);
      const [control] = await sandbox.workers('--control');
      process.kill(control!, 'SIGKILL');
      const ended = await run;
      expect(ended.exitCode).toBe(0);

      const trace = await traceOf('thrice');
      trace.isWhole();
      expect(trace.roots().map(({ name }) => name)).toEqual(['StartWorkflow:sandboxTrial']);
      expect(trace.above(trace.named('RunActivity:train.command')[0]!)).toEqual([
        'StartActivity:train.command',
        'RunWorkflow:sandboxTrial',
        'StartWorkflow:sandboxTrial',
      ]);
      const runs = trace.named('RunWorkflow:sandboxTrial');
      expect(runs.length).toBeGreaterThan(1);
      expect(trace.above(runs.at(-1)!)[0]).toBe('ContinueAsNew:sandboxTrial');

      const [claim] = trace.named('RunActivity:claimJob');
      expect(claim!.attributes).toMatchObject({
        'sandbox.job': expect.stringContaining('train'),
        'sandbox.outcome': 'claimed',
      });
      const [train] = trace.named('RunActivity:train.command');
      expect(train!.attributes).toMatchObject({
        'sandbox.component': 'train.command',
        'sandbox.job': claim!.attributes['sandbox.job'],
        'sandbox.trial': 'thrice',
        'sandbox.key': expect.stringMatching(/^[0-9a-f]{16,}/),
        'sandbox.host': expect.any(String),
        'sandbox.devices': [],
        'sandbox.attempt': 1,
        'sandbox.epoch': 1,
        'sandbox.outcome': 'done',
      });
      expect(train!.resource).toMatchObject({ 'service.name': 'dj-sandbox' });
      const outcomes = trace.named('RunActivity:claimJob').map(span => span.attributes['sandbox.outcome']);
      expect(outcomes).toEqual(['claimed', 'reused', 'reused']);
    },
    LIMIT_MS,
  );

  test(
    'of a sweep there is one trace with its trials and their jobs in it',
    async () => {
      const config = await configFile('swept');
      const sweep = join(sandbox.folder, 'sweep.json');
      const parameters = { 'train.extra_configs.parameters.seed': { values: [2, 3] } };
      const metric = { name: 'train.last_loss', goal: 'minimize' };
      await writeFile(sweep, JSON.stringify({ method: 'grid', metric, parameters, concurrency: 2 }));
      const ended = await sandbox.cli('sweep', 'start', '--config', config, '--sweep', sweep, '--id', 'swept');
      expect([ended.exitCode, ended.stderr]).toEqual([0, '']);

      const trace = await traceOf('swept');
      trace.isWhole();
      expect(trace.roots().map(({ name }) => name)).toEqual(['StartWorkflow:sandboxSweep']);
      const trainings = trace.named('RunActivity:train.command');
      expect(trainings.map(span => span.attributes['sandbox.trial']).sort()).toEqual([
        'swept.trial-1',
        'swept.trial-2',
      ]);
      for (const training of trainings)
        expect(trace.above(training).slice(0, 4)).toEqual([
          'StartActivity:train.command',
          'RunWorkflow:sandboxTrial',
          'StartChildWorkflow:sandboxTrial',
          'RunWorkflow:sandboxSweep',
        ]);
    },
    LIMIT_MS,
  );

  test(
    'a failure is an error without its words, no value of a config is told, and a name of any kind is text',
    async () => {
      const ended = await sandbox.cli(
        'run',
        '--config',
        await configFile('broken', 'fails', {}, HOSTILE),
        '--id',
        'broken',
      );
      expect(ended.exitCode).toBe(1);
      const trace = await traceOf('broken');
      const [train] = trace.named('RunActivity:train.command');
      expect(train).toMatchObject({ status: { code: 2, message: '' }, attributes: { 'sandbox.outcome': 'failed' } });
      expect(train!.attributes['sandbox.job']).toMatch(/^anonymous\.1-_script_alert_1_script_/);
      expect(train!.events.map(({ attributes }) => Object.keys(attributes))).toEqual([['exception.type']]);
      const told = Buffer.concat(receiver.bytes).toString('latin1');
      expect(told).toContain('sandbox.outcome');
      for (const word of [SECRET, 'words of the failure', script]) expect(told).not.toContain(word);
    },
    LIMIT_MS,
  );

  test(
    'a collector that hangs and one that is away hold up neither trials nor commands nor the end of a worker',
    async () => {
      receiver.hang();
      const before = receiver.requests();
      expect(await sandbox.cli('run', '--config', await configFile('hanging'), '--id', 'hanging')).toMatchObject({
        exitCode: 0,
      });
      await expect.poll(receiver.requests, { timeout: 60_000 }).toBeGreaterThan(before);
      const [control] = await sandbox.workers('--control');
      const began = performance.now();
      process.kill(control!, 'SIGTERM');
      await expect.poll(() => isGone(control!), { timeout: 60_000, interval: 50 }).toBe(true);
      // A request may take ten seconds, and the export of a batch thirty.
      expect(performance.now() - began).toBeLessThan(9_000);
      await receiver.close();
      const away = await sandbox.cli('run', '--config', await configFile('away'), '--id', 'away');
      expect(away.exitCode).toBe(0);
      expect(away.stderr).toMatch(/^traces cannot be sent to http:.*: trials go on without them$/);
    },
    LIMIT_MS,
  );
});

describe('commands that fall due in one workflow task', () => {
  let environment: TestWorkflowEnvironment;
  beforeAll(async () => {
    Runtime.install({ logger: new DefaultLogger('ERROR') });
    const server = { executable: { type: 'existing-path', path: temporalCli() } } as const;
    environment = await TestWorkflowEnvironment.createLocal({ server });
  }, LIMIT_MS);
  afterAll(() => environment?.teardown());

  const OURS = join(packageRoot(), 'workflows', 'traces.ts');
  const SDKS = join(packageRoot(), 'node_modules/@temporalio/interceptors-opentelemetry/lib/workflow-interceptors.js');
  const sinks: InjectedSinks<never> = { exporter: { export: { fn: () => {} } } } as never;
  const bundled = async (...workflowInterceptorModules: string[]) => {
    const workflowsPath = join(packageRoot(), 'tests', 'fixtures', 'workflows', 'coincidence.ts');
    return await bundleWorkflowCode({ workflowsPath, workflowInterceptorModules, logger: new DefaultLogger('ERROR') });
  };
  type Bundle = Awaited<ReturnType<typeof bundled>>;
  type Event = temporal.api.history.v1.IHistoryEvent;

  const worker = (workflowBundle: Bundle) =>
    Worker.create({
      connection: environment.nativeConnection,
      taskQueue: 'coincidence',
      workflowBundle,
      sinks,
      maxCachedWorkflows: 0,
    });

  /** A history in which two activities and a child end and a signal comes while no worker of workflows is there. */
  async function historyWith(bundle: Bundle, workflowId: string) {
    const { client, nativeConnection: connection } = environment;
    const first = await worker(bundle);
    const firstRun = first.run();
    const handle = await client.workflow.start('coincidence', { taskQueue: 'coincidence', workflowId, args: [] });
    const has = async (attributes: keyof Event, count: number) =>
      expect
        .poll(async () => (await handle.fetchHistory()).events!.filter(event => event[attributes]).length, {
          timeout: 30_000,
        })
        .toBe(count);
    await has('activityTaskScheduledEventAttributes', 2);
    await has('childWorkflowExecutionStartedEventAttributes', 1);
    first.shutdown();
    await firstRun;
    const activities = await Worker.create({
      connection,
      taskQueue: 'coincidence',
      activities: { default: async () => {} },
    });
    const activitiesRun = activities.run();
    await has('activityTaskCompletedEventAttributes', 2);
    await client.workflow.getHandle(`${workflowId}-child`).terminate();
    await has('childWorkflowExecutionTerminatedEventAttributes', 1);
    await handle.signal(nudge);
    const second = await worker(bundle);
    const secondRun = second.run();
    await handle.result();
    second.shutdown();
    activities.shutdown();
    await Promise.all([secondRun, activitiesRun]);
    return await handle.fetchHistory();
  }

  test(
    'come in the same order with traces and without; by the SDK’s interceptors alone they would not',
    async () => {
      const plain = await bundled();
      const traced = await bundled(OURS);
      const replay = (workflowBundle: Bundle, history: Awaited<ReturnType<typeof historyWith>>, id: string) =>
        Worker.runReplayHistory({ workflowBundle, sinks }, history, id);
      const without = await historyWith(plain, 'without');
      const withTraces = await historyWith(traced, 'with');
      await replay(traced, without, 'without');
      await replay(plain, withTraces, 'with');
      await expect(replay(await bundled(SDKS), without, 'without')).rejects.toThrow('nondeterminism');
    },
    LIMIT_MS,
  );
});

const isRun = ({ name }: ReceivedSpan) => name.startsWith('RunWorkflow:');
const ranAs = ({ attributes }: ReceivedSpan) => attributes.workflowId;
/** Whether a run of a workflow is followed by another. */
const continues = (spans: ReceivedSpan[], run: ReceivedSpan) =>
  spans.some(span => span.name.startsWith('ContinueAsNew:') && span.parentSpanId === run.spanId);

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

class Trace {
  readonly spans: ReceivedSpan[];
  readonly #byId: Map<string, ReceivedSpan>;

  constructor(spans: ReceivedSpan[]) {
    this.#byId = new Map(spans.map(span => [span.spanId, span]));
    // What a worker had told when it was killed, the next may tell once more.
    this.spans = [...this.#byId.values()];
    for (const { spanId, name, parentSpanId } of spans)
      expect(this.#byId.get(spanId)).toMatchObject({ name, parentSpanId });
  }

  /** The parent of each span is there. */
  isWhole(): void {
    const orphans = this.spans.filter(span => span.parentSpanId !== '' && !this.#byId.has(span.parentSpanId));
    expect(orphans.map(({ name }) => name)).toEqual([]);
  }

  roots(): ReceivedSpan[] {
    return this.spans.filter(span => span.parentSpanId === '');
  }

  named(name: string): ReceivedSpan[] {
    return this.spans.filter(span => span.name === name);
  }

  /** Names of the spans that one is in, the nearest first. */
  above(span: ReceivedSpan): string[] {
    const parent = this.#byId.get(span.parentSpanId);
    return parent ? [parent.name, ...this.above(parent)] : [];
  }
}
