// What a user reads in Temporal's Web UI, in a real browser, of trials and sweeps on a real server.
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../plan/plan.ts';
import type { JobReport, SweepInput, TrialInput, TrialProgress } from '../../plan/protocol.ts';
import { startBrowser, watchedPage } from '../support/browser.ts';
import { type RealSandbox, startRealSandbox } from '../support/real-sandbox.ts';

const LIMIT_MS = 300_000;
/** A folder for the pictures of the docs; none are taken without it. */
const PICTURES = process.env.DJ_SANDBOX_PICTURES;
const HOSTILE = `<script>alert(1)</script> "quoted" *bold* | \`code\` 🚀 ${'x'.repeat(2_000)}`;

/** Logs three steps and waits until its gate is there, which says how it ends. */
const TRAIN = `
import os, sys, time
for step, loss in enumerate((0.9, 0.5, 0.3), 1):
    print(f'step={step}/6000 loss={loss}', flush=True)
while not os.path.exists(sys.argv[1]):
    time.sleep(0.1)
if open(sys.argv[1]).read() == 'fail':
    sys.exit('CUDA out of memory <script>alert(2)</script>')
open(os.path.join(sys.argv[2], 'model.bin'), 'w').write('weights')
`;
const SCORE = `
import json, sys
json.dump({'score': float(sys.argv[1])}, open(sys.argv[2], 'w'))
`;

let sandbox: RealSandbox;
let browser: Browser;
beforeAll(async () => {
  [sandbox, browser] = await Promise.all([startRealSandbox('cpu', 'none', [], { ui: true }), startBrowser()]);
}, LIMIT_MS);
afterAll(async () => {
  await browser?.close();
  await sandbox?.stop();
}, LIMIT_MS);

/** Writes a program into the sandbox's folder. */
async function script(text: string): Promise<string> {
  const path = join(sandbox.folder, `${randomUUID()}.py`);
  await writeFile(path, text);
  return path;
}

/** A config whose one job runs a program. */
function configOf(project: string, list: string, job: JsonObject): JsonObject {
  const work_dir = join(sandbox.folder, 'work');
  const resources = { tag: 'cpu', gpus: 0 };
  return { project_name: project, experiment_name: 'look at it', work_dir, [list]: [{ resources, ...job }] };
}

/** A trial whose training runs, and what ends that. */
async function training(
  project: string,
): Promise<{ id: string; job: string; end: (how: 'well' | 'fail') => Promise<void> }> {
  const gate = join(sandbox.folder, `${randomUUID()}.gate`);
  const argv = ['python3', await script(TRAIN), gate, '{output}'];
  const extra_configs = { type: 'command', argv, log: 'key-value' };
  const job = { hook: 'TrainModelHook', meta_name: 'train', output: ['model'], extra_configs };
  const input: TrialInput = { config: configOf(project, 'execution_job_configs', job), baseDir: sandbox.folder };
  const id = `trial-${randomUUID().slice(0, 8)}`;
  const start = { taskQueue: 'sandbox', workflowId: id, args: [input] };
  const handle = await sandbox.client.workflow.start('sandboxTrial', start);
  for (;;) {
    const { jobs } = await handle.query<TrialProgress>('progress');
    if (jobs[0]?.state === 'running') return { id, job: jobs[0].id, end: how => writeFile(gate, how) };
  }
}

/** A tab of a workflow's page. */
async function open(page: Page, id: string, tab: string): Promise<void> {
  await page.goto(`${sandbox.ui}/namespaces/default/workflows/${id}`);
  await page.waitForURL(/\/timeline/);
  await page.goto(page.url().replace(/\/timeline.*/, `/${tab}`));
}

/** The current details, which the UI shows in a frame of their own once they hold `text`; it is asked anew until then. */
async function details(page: Page, id: string, text: string): Promise<Frame> {
  await open(page, id, 'user-metadata');
  const frame = page.frameLocator('iframe').first();
  await expect
    .poll(
      async () => {
        await page.keyboard.press('r');
        return (await frame.locator('body').allInnerTexts()).join('\n');
      },
      { timeout: LIMIT_MS / 3, interval: 500 },
    )
    .toContain(text);
  return page.mainFrame().childFrames()[0]!;
}

/** As it is laid out, line by line. */
async function textOf(frame: Frame): Promise<string> {
  return (await frame.locator('body').allInnerTexts()).join('\n');
}

async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES) await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}

test(
  'a training that runs shows its curve, its end and where it is; one that failed its cause and what to do; names of any kind stay text',
  async () => {
    const { id, job, end } = await training('clips');
    const handle = sandbox.client.workflow.getHandle(id);
    const at = Date.now();
    const loss = Array.from({ length: 24 }, (_, i) => 1 / (i + 1) ** 0.5);
    const told = {
      step: 1200,
      total: 6000,
      unit: 'step',
      loss,
      endsAt: at + 7_200_000,
      checkpoint: 'checkpoint-1000',
      at,
    };
    await handle.signal('jobReport', { job, ...told } satisfies JobReport);
    const { page, dialogs } = await watchedPage(browser);

    const running = await details(page, id, 'step 1200 of 6000 (20%)');
    expect(await textOf(running)).toMatch(/█▆▄.*▁ loss 0\.2041, .* ends about .* UTC, saved checkpoint-1000/);
    const cells = await running.locator('td').allInnerTexts();
    expect(cells.map(cell => cell.trim())).toEqual(
      expect.arrayContaining(['▶', 'execution', 'train', 'running', expect.stringMatching(/^since .* UTC$/)]),
    );
    await picture(page, 'web-ui-trial');
    await open(page, id, 'pending-activities');
    await page.getByText('train.command').first().waitFor();
    await page.getByText('"loss": 0.3').waitFor();

    await end('well');

    const hostile = await training(HOSTILE);
    await hostile.end('fail');
    const failed = await details(page, hostile.id, 'What to do:');
    expect(await textOf(failed)).toMatch(
      /^\s*train failed: .*\n[\s\S]*CUDA out of memory <script>alert\(2\)<\/script>[\s\S]*What to do:/,
    );
    await picture(page, 'web-ui-failed');
    expect(dialogs).toEqual([]);
    await page.close();
  },
  LIMIT_MS,
);

test(
  'a sweep shows its best trials and what it decided last; trials are found by their objective',
  async () => {
    const project = `clips-${randomUUID().slice(0, 8)}`;
    const argv = ['python3', await script(SCORE), '{x}', '{result}'];
    const extra_configs = { type: 'command', argv, parameters: { x: 0.5 } };
    const job = { hook: 'EvaluateModelHook', meta_name: 'score', output: ['score'], extra_configs };
    const input: SweepInput = {
      config: configOf(project, 'evaluation_job_configs', job),
      sweep: {
        method: 'grid',
        metric: { name: 'score.score', goal: 'maximize' },
        parameters: { 'score.extra_configs.parameters.x': { values: [0.25, 0.5, 0.75] } },
      },
      baseDir: sandbox.folder,
    };
    const id = `sweep-${randomUUID().slice(0, 8)}`;
    const start = { taskQueue: 'sandbox', workflowId: id, args: [input] };
    await (await sandbox.client.workflow.start('sandboxSweep', start)).result();
    const { page } = await watchedPage(browser);
    const shown = await details(page, id, 'Decided last:');
    const rows = await shown.locator('tr').allInnerTexts();
    expect(rows.map(row => row.split(/\s+/).slice(0, 3).join(' ')).slice(1)).toEqual([
      '3 done 0.75',
      '2 done 0.5',
      '1 done 0.25',
    ]);
    expect(await textOf(shown)).toMatch(/3 begun.*3 done[\s\S]*Decided last:\s*ended, done/);
    await picture(page, 'web-ui-sweep');

    const query = `SandboxProject = '${project}' AND SandboxObjective > 0.6`;
    await page.goto(`${sandbox.ui}/namespaces/default/workflows?query=${encodeURIComponent(query)}`);
    await page.getByText(`${id}.trial-3`).first().waitFor();
    const found = await page.getByRole('link', { name: /\.trial-\d/ }).allInnerTexts();
    expect(found).toEqual([`${id}.trial-3`]);
    await page.close();
  },
  LIMIT_MS,
);
