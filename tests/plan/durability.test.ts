import { describe, expect, it } from 'vitest';
import { DEFAULT_DURABILITY, durabilityOf, milliseconds } from '../../plan/durability.ts';
import { keyPlan } from '../../plan/keys.ts';
import { jobsOf, type Plan } from '../../plan/plan.ts';
import { jobsIn, planOf, saidOf } from './compiled.ts';
import { REGISTRY } from './registry.ts';

const job = (more: string) => `execution_job_configs:
  - hook: ProcessDataHook
    meta_name: process
    resources: {gpus: 1}
    dj_configs: {dataset_path: data/d.jsonl, export_path: out/d.jsonl, process: [{text_length_filter: {}}]}
${more}`;

describe('durability', () => {
  it("of a job is its own over the config's over the defaults", () => {
    const [claimed] = jobsIn(
      job(
        '    durability: {checkpoint_every: 500, host_grace: 2h}\ndurability: {host_grace: 10m, keep_checkpoints: 3}\n',
      ),
    );
    expect(claimed?.durability).toEqual({
      ...DEFAULT_DURABILITY,
      checkpointEvery: { steps: 500 },
      hostGraceMs: 7_200_000,
      keepCheckpoints: 3,
    });
  });

  it('may be set from outside, key by key', () => {
    const set = { 'durability.stall_after': '90s', 'durability.max_restarts': 0, 'durability.checkpoint_every': '5m' };
    expect(jobsIn(job('durability: {stick_to_host: true}\n'), {}, { set })[0]?.durability).toMatchObject({
      stallAfterMs: 90_000,
      maxRestarts: 0,
      checkpointEvery: { ms: 300_000 },
      stickToHost: true,
    });
  });

  it('is only in the plan of jobs that claim a host; plans of earlier versions have the defaults', () => {
    expect(jobsIn(job('').replace('    resources: {gpus: 1}\n', ''))[0]).not.toHaveProperty('durability');
    expect(durabilityOf({})).toEqual(DEFAULT_DURABILITY);
  });

  it('is no part of the job key', () => {
    const keyOf = (plan: Plan) => {
      const reads = jobsOf(plan).flatMap(each => each.reads.map(read => [read.path, 'hash'] as const));
      return jobsOf(keyPlan(plan, REGISTRY, new Map(reads)))[0]?.key;
    };
    expect(keyOf(planOf(job('    durability: {checkpoint_every: 7}\n')))).toBe(keyOf(planOf(job(''))));
  });

  it.each([
    ['host_grace: 30', 'expected a length of time such as 30m or 2h, got 30'],
    ['host_grace: 0s', 'expected a length of time such as 30m or 2h, got "0s"'],
    ['stall_after: 1000d', 'expected a length of time such as 30m or 2h, got "1000d"'],
    ['checkpoint_every: -1', 'expected a number of steps such as 500, or a length of time such as 30m, got -1'],
    ['keep_checkpoints: 0', 'expected how many checkpoints are kept, at least 1, got 0'],
    ['max_restarts: 1.5', 'expected a whole number, at least 0, got 1.5'],
    ['stick_to_host: sometimes', 'expected true or false, got "sometimes"'],
    ['host_grase: 30m', 'unknown key; did you mean "host_grace"'],
  ])('%s is refused at its place, in a job and for all', (line, message) => {
    expect(saidOf(job(`    durability: {${line}}\n`))[0]).toMatch(/^sandbox\.yaml:6:\d+ /);
    expect(saidOf(job(`    durability: {${line}}\n`))[0]).toContain(message);
    expect(saidOf(job(`durability: {${line}}\n`))[0]).toContain(message);
  });

  it('that is no map, or is set through something that is none, is refused', () => {
    expect(saidOf(job('    durability: 30m\n'))[0]).toContain('expected a map of checkpoint_every, ');
    expect(saidOf(job('durability: 30m\n'))[0]).toContain('expected a map such as {host_grace: 30m}');
    expect(saidOf(job(''), {}, { set: { 'durability.__proto__': 1 } })[0]).toContain('cannot be a key');
  });
});

describe('a length of time', () => {
  it.each([
    ['90s', 90_000],
    ['1.5h', 5_400_000],
    ['1d', 86_400_000],
    ['1 m', 60_000],
    ['', null],
    ['5', null],
    ['-5m', null],
    ['5m30s', null],
    [30, null],
  ])('%j is %j ms', (text, ms) => expect(milliseconds(text)).toBe(ms));
});
