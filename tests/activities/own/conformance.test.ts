import { mkdtempSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import type { Component } from '../../../activities/component.ts';
import { components } from '../../../activities/components.ts';
import { type ComponentUnderTest, conformance, runOnce } from '../../../activities/own/conformance/index.ts';
import { defineComponent, type OwnRun } from '../../../activities/own/define-component.ts';
import { Cancelled } from '../../../activities/runtime/end-reason.ts';
import { JobFailure } from '../../../activities/runtime/failure.ts';
import { PLAYED, QUICK, WITH_PROGRAMS } from '../../support/component-jobs/index.ts';

const before = process.env.DJ_SANDBOX_STATE;
beforeAll(() => {
  process.env.DJ_SANDBOX_STATE = mkdtempSync(join(tmpdir(), 'state-'));
});
afterAll(() => {
  if (before === undefined) delete process.env.DJ_SANDBOX_STATE;
  else process.env.DJ_SANDBOX_STATE = before;
});

const extra = z.strictObject({ type: z.literal('steps'), dataset_path: z.string().min(1), steps: z.int().default(3) });
type Run = OwnRun<undefined, typeof extra>;

/** Reads a number from its dataset, and counts up to it. */
const component = (run: (run: Run) => ReturnType<Component['run']>): Component =>
  defineComponent({
    name: 'own.steps',
    hook: 'OwnHook',
    type: 'steps',
    summary: 'Counts.',
    config: { extra },
    reads: [{ at: 'extra_configs.dataset_path', kind: 'file' }],
    results: [{ value: 'count' }],
    run,
  });

async function numberIn({ config: { extra_configs } }: Run): Promise<number> {
  const text = await readFile(extra_configs.dataset_path, 'utf8');
  if (!/^\d+\n$/.test(text)) throw new JobFailure(`${extra_configs.dataset_path}: expected a number`);
  return Number(text);
}

const under = (one: Component): ComponentUnderTest => ({
  component: one,
  async job(folder) {
    await writeFile(join(folder, 'n.txt'), '7\n');
    return { extra_configs: { type: 'steps', dataset_path: 'n.txt' } };
  },
});

/** Prints its steps one by one, slowly enough to be cancelled and left. */
const SCRIPT = `
import sys, time
for step in range(1, 4):
    print(f"step {step}/3", flush=True)
    time.sleep(0.1)
open(sys.argv[1], "w").write("done")`;

const program = component(async run => {
  const count = await numberIn(run);
  await run.program({
    argv: ['python3', '-c', SCRIPT, join(run.out, 'done.txt')],
    cwd: run.dir,
    env: {},
    patterns: [{ kind: 'metrics', pattern: '^step (?<step>[0-9]+)/(?<total>[0-9]+)$' }],
  });
  return { results: [{ value: count }], metrics: { count } };
});

test('every built-in component has a job for the suite, here or in tests/slow-data', () => {
  const under = [QUICK, WITH_PROGRAMS, PLAYED].flat().map(one => one.component.name);
  expect(under.sort()).toEqual(components.map(({ name }) => name).sort());
});

describe.each([...QUICK, under(program)].map(one => [one.component.name, one] as const))('%s', (_, one) => {
  for (const { title, run } of conformance(one)) it(title, run);
});

/** Titles of the cases that a component fails. */
async function failed(one: ComponentUnderTest): Promise<string[]> {
  const failures: string[] = [];
  for (const { title, run } of conformance(one)) await run().catch(() => failures.push(title));
  return failures;
}

const score = (value: number) => ({ results: [{ value }] });
const RUNS_ONCE = 'runs once where two trials need it at once, with the same result';
const BAD_FILES = 'says what is wrong with files that are empty or something else';

describe('the conformance suite notices a component', () => {
  test.each<[string, ComponentUnderTest, string[]]>([
    [
      'that does not hear that it is cancelled',
      {
        ...under(
          component(async run => {
            const count = await numberIn(run);
            run.progress({ phase: 'counting' });
            if (run.signal.reason instanceof Cancelled) await sleep(3_600_000, undefined, { ref: false });
            return score(count);
          }),
        ),
        endsWithinMs: 200,
      },
      ['ends where it is cancelled as it begins', 'ends where it is cancelled half-way, and leaves nothing running'],
    ],
    [
      'whose result is another each time',
      under(component(async run => score((await numberIn(run)) + Math.random()))),
      [RUNS_ONCE, 'comes to the same result after its worker died half-way'],
    ],
    [
      'that throws where it should say what is wrong with a file',
      under(component(async run => score(JSON.parse(await readFile(run.config.extra_configs.dataset_path, 'utf8'))))),
      [BAD_FILES],
    ],
    [
      'that publishes less than it declares',
      under({
        ...component(async run => score(await numberIn(run))),
        results: [{ value: 'count' }, { value: 'mean' }],
      }),
      ['publishes a manifest that is what it declared'],
    ],
    [
      'that throws where it should refuse a config',
      under({
        ...component(async run => score(await numberIn(run))),
        contextKeys: ({ extra_configs }) => [(extra_configs!['dataset_path'] as string).toLowerCase()],
      }),
      ['answers wrong configs with sentences'],
    ],
  ])('%s', async (_, one, expected) => {
    expect(await failed(one)).toEqual(expected);
  });
});

test('runOnce gives the manifest of one run', async () => {
  const { results, dir, files } = await runOnce(under(program));
  expect(results).toEqual([{ kind: 'value', value: 7 }]);
  expect(files).toMatchObject([{ path: 'epoch-1/out/done.txt' }]);
  expect(await readFile(join(dir, files[0]!.path), 'utf8')).toBe('done');
});
