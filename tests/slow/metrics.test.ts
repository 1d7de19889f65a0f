// What workers tell Prometheus of trials that really run.
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TrialInput } from '../../plan/protocol.ts';
import { type RealSandbox, startRealSandbox } from '../support/real-sandbox.ts';

const LIMIT_MS = 180_000;
const HOSTILE = `<script>alert(1)</script> "quoted" 'single' {a="b"} 🚀 ${'x'.repeat(2_000)}`;
/** It dies once after two of its six steps, and begins again. */
const TRAIN = `
import os, sys, time
died = sys.argv[1] + '/died'
first = not os.path.exists(died)
for step in range(1, 7):
    print(f'step={step}/6 loss={1 / step} grad=inf other=nan', flush=True)
    time.sleep(0.5)
    if first and step == 2:
        open(died, 'w').close()
        os.kill(os.getpid(), 9)
open(sys.argv[2] + '/weights', 'w').write('6')
`;

let sandbox: RealSandbox;
beforeAll(async () => {
  sandbox = await startRealSandbox('cpu', 'none', [], { metrics: true });
}, LIMIT_MS);
afterAll(() => sandbox?.stop(), LIMIT_MS);

async function scraped(): Promise<string> {
  return (await Promise.all(sandbox.metrics.map(async url => await (await fetch(url)).text()))).join('\n');
}

/** The values of a metric's series that have these labels. */
function valuesOf(text: string, name: string, labels: Record<string, string>): number[] {
  return text
    .split('\n')
    .filter(line => line.startsWith(`${name}{`))
    .filter(line => Object.entries(labels).every(([key, value]) => line.includes(`${key}="${value}"`)))
    .map(line => Number(line.split(' ').at(-1)));
}

test(
  'jobs by outcome, steps, restarts and waits are counted, none twice, under names of any kind; the dashboard asks for metrics that there are',
  async () => {
    const script = join(sandbox.folder, 'train.py');
    await writeFile(script, TRAIN);
    const job = {
      hook: 'TrainModelHook',
      meta_name: HOSTILE,
      resources: { tag: 'cpu', gpus: 0 },
      durability: { max_restarts: 2 },
      extra_configs: {
        type: 'command',
        argv: ['python3', script, sandbox.folder, '{output}'],
        log: 'key-value',
      },
    };
    const config = {
      project_name: 'metrics',
      experiment_name: 'count',
      work_dir: join(sandbox.folder, 'work'),
      execution_job_configs: [job],
    };
    const input: TrialInput = { config, baseDir: sandbox.folder };
    for (let trial = 0; trial < 2; trial += 1) {
      const start = { taskQueue: 'sandbox', workflowId: randomUUID(), args: [input] };
      await (await sandbox.client.workflow.start('sandboxTrial', start)).result();
    }
    await expect.poll(async () => valuesOf(await scraped(), 'temporal_workflow_completed_total', {})).toEqual([2]);
    const text = await scraped();
    // Names of users and what programs tell are no labels.
    expect(text).not.toContain('alert(1)');
    const of = { activityType: 'train.command' };
    expect(valuesOf(text, 'sandbox_jobs_total', { ...of, outcome: 'done' })).toEqual([1]);
    expect(valuesOf(text, 'sandbox_jobs_total', { outcome: 'reused' })).toEqual([1]);
    expect(valuesOf(text, 'sandbox_jobs_total', { outcome: 'failed' })).toEqual([]);
    expect(valuesOf(text, 'sandbox_program_restarts_total', of)).toEqual([1]);
    expect(valuesOf(text, 'sandbox_job_seconds_count', of)).toEqual([1]);
    expect(valuesOf(text, 'sandbox_claim_wait_seconds_count', {})).toEqual([1]);
    // Two of the first start and six of the second, but for those that were first seen of each.
    const [steps] = valuesOf(text, 'sandbox_steps_total', of);
    expect(steps).toBeGreaterThanOrEqual(5);
    expect(steps).toBeLessThanOrEqual(8);

    const dashboard = JSON.parse(await readFile('examples/observe/grafana-dashboard.json', 'utf8')) as {
      panels: { targets: { expr: string }[] }[];
    };
    const asked = dashboard.panels.flatMap(({ targets }) =>
      targets.flatMap(({ expr }) => expr.match(/\b(?:sandbox|temporal)_\w+/g) ?? []),
    );
    const missing = asked.filter(name => !text.includes(`# TYPE ${name.replace(/_bucket$/, '')} `));
    // None failed.
    expect([...new Set(missing)]).toEqual(['temporal_workflow_failed_total']);
  },
  LIMIT_MS,
);
