// Sweeps whose trials wait at rungs, on a real server with a real worker and supervisor and a home that plays EasyAnimate.
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../plan/plan.ts';
import type { SweepInput, SweepResult, TrialResult } from '../../plan/protocol.ts';
import type { Decision } from '../../plan/sweep/types.ts';
import { makeInputs, trialConfig } from '../soak/trials.ts';
import { type RealSandbox, startRealSandbox } from '../support/real-sandbox.ts';

const STEPS = 20;
let sandbox: RealSandbox;
let ledger: string;
beforeAll(async () => {
  ledger = mkdtempSync(join(tmpdir(), 'ledger-'));
  process.env.PLAY_LEDGER = ledger;
  process.env.PLAY_STEP_SECONDS = '0.05';
  process.env.PLAY_GATES = mkdtempSync(join(tmpdir(), 'gates-'));
  process.env.PLAY_GATE_AT = '1000';
  sandbox = await startRealSandbox('light, gpu');
  await makeInputs(join(sandbox.folder, 'inputs'));
});
afterAll(async () => {
  await sandbox?.stop();
  for (const folder of [ledger, process.env.PLAY_GATES!]) rmSync(folder, { recursive: true, force: true });
});

/** A sweep over seeds of a training, each under two names that are no part of a job: two trials share each training. */
async function start(id: string, seeds: number[], steps: number, earlyTerminate: JsonObject): Promise<void> {
  const folder = join(sandbox.folder, id);
  await mkdir(folder, { recursive: true });
  const shape = { seed: 0, steps, checkpointEvery: 7 };
  const {
    execution_job_configs,
    evaluation_job_configs: _,
    ...whole
  } = trialConfig(join(sandbox.folder, 'inputs'), folder, join(folder, 'w'), shape);
  const jobs = (execution_job_configs as { extra_configs: { train?: JsonObject } }[]).slice(0, 2);
  jobs[1]!.extra_configs.train!.tracker_config = { experiment_name: 'x' };
  const input: SweepInput = {
    config: { ...whole, execution_job_configs: jobs as unknown as Json },
    sweep: {
      method: 'grid',
      metric: { name: 'train.last_loss', goal: 'minimize' },
      parameters: {
        'train.extra_configs.train.training_config.seed': { values: seeds },
        'train.extra_configs.train.tracker_config.experiment_name': { values: ['a', 'b'] },
      },
      early_terminate: earlyTerminate,
      concurrency: 3,
    },
  };
  await sandbox.client.workflow.start('sandboxSweep', { taskQueue: 'sandbox', workflowId: id, args: [input] });
}

const handleOf = (id: string) => sandbox.client.workflow.getHandle(id);

/** Steps that trainings of a sweep have done, by job key, in the order in which they were done. */
async function trained(id: string): Promise<Map<string, number[]>> {
  const keys = await readdir(join(sandbox.folder, id, 'w', 'jobs')).catch(() => [] as string[]);
  const found = new Map<string, number[]>();
  for (const key of keys) {
    const text = await readFile(join(ledger, `${key}.jsonl`), 'utf8').catch(() => '');
    const lines = text.split('\n').filter(Boolean);
    const noted = lines.map(line => JSON.parse(line) as { event: string; step: number });
    const steps = noted.filter(({ event }) => event === 'step').map(({ step }) => step);
    if (steps.length > 0) found.set(key, steps);
  }
  return found;
}

describe('a sweep by asha', () => {
  it('stops trainings exactly at rungs, trains on those that it promotes, and none of it twice', async () => {
    await start('asha', [1, 2, 3], STEPS, { type: 'asha', eta: 2, r: 4, R: STEPS });
    const result = (await handleOf('asha').result()) as SweepResult;
    expect(result).toMatchObject({ state: 'done', counts: { begun: 6, failed: 0 } });
    expect(result.best?.steps).toBe(STEPS);
    const decisions: Decision[] = (await readFile(result.ledger.path, 'utf8'))
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line));
    const told = decisions.filter(decision => decision.kind === 'rung');
    expect(new Set(told.map(({ step }) => step))).toEqual(new Set([4, 8, 16]));
    for (const { value } of told) expect(value).toBeGreaterThan(0);
    // Trials of one training are worth the same at the same rung.
    const seedOf = new Map(
      decisions.flatMap(one => (one.kind === 'suggest' ? [[one.trial, Object.values(one.point)[0]] as const] : [])),
    );
    const worth = new Map<string, Set<unknown>>();
    for (const { trial, step, value } of told) {
      const key = `${seedOf.get(trial)} at ${step}`;
      worth.set(key, (worth.get(key) ?? new Set()).add(value));
    }
    for (const values of worth.values()) expect(values.size).toBe(1);
    const steps = await trained('asha');
    expect(steps.size).toBe(3);
    for (const done of steps.values()) {
      expect(done).toEqual(Array.from({ length: done.length }, (_, i) => i + 1));
      expect([4, 8, 16, STEPS]).toContain(done.length);
    }
    expect(Math.max(...[...steps.values()].map(done => done.length))).toBe(STEPS);
  });
});

describe('a sweep that somebody terminates', () => {
  it('leaves no training behind: each trial ends as stopped, with its checkpoint saved', async () => {
    await start('terminated', [4], 100_000, { type: 'asha', eta: 2, r: 50_000, R: 100_000 });
    const isTraining = async () => [...(await trained('terminated')).values()].some(done => done.length > 2);
    while (!(await isTraining())) await new Promise(resolve => setTimeout(resolve, 100));
    await handleOf('terminated').terminate('by hand');
    const trial = (n: number) => handleOf(`terminated.trial-${n}`).result() as Promise<TrialResult>;
    expect(await trial(1)).toMatchObject({ state: 'stopped', why: 'its sweep terminated has ended' });
    expect(await trial(2)).toMatchObject({ state: 'stopped', why: 'its sweep terminated has ended' });
    const { stdout } = await execa('pgrep', ['-f', `train_lora.py.*${join(sandbox.folder, 'terminated')}/`], {
      reject: false,
    });
    expect(stdout).toBe('');
    const [key] = (await trained('terminated')).keys();
    const names = await readdir(join(sandbox.folder, 'terminated', 'w', 'jobs', key!, 'epoch-1', 'out', 'models'));
    expect(names.some(name => /^checkpoint-\d+$/.test(name))).toBe(true);
  });
});
