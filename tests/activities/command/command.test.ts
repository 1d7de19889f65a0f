// Commands that need no torch, under the real supervisor.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { evaluateSchema, inferSchema, trainSchema } from '../../../activities/command/config.ts';
import type { Component, JobRun } from '../../../activities/component.ts';
import { evaluateDataCommand, evaluateModelCommand } from '../../../activities/evaluate/command.ts';
import { inferCommand } from '../../../activities/infer/command.ts';
import { handOverCheckpoints } from '../../../activities/runtime/hand-over.ts';
import { MetricsFollower } from '../../../activities/runtime/metrics-follower.ts';
import { runProgram } from '../../../activities/runtime/program.ts';
import { supervisorFiles } from '../../../activities/runtime/supervisor-files.ts';
import { trainCommand } from '../../../activities/train/command.ts';
import type { JsonObject } from '../../../plan/plan.ts';
import { failureOf, supervisedRun, workFolder } from '../../support/evaluators.ts';

const OWN_WAY = resolve('tests/fixtures/command/own_way.py');
const SCHEMAS = { TrainModelHook: trainSchema, InferModelHook: inferSchema } as const;

/** A run of a component on a config whose defaults are filled in, as compiling does. */
async function jobOf(component: Component, dir: string, extra: JsonObject, more: Partial<JobRun> = {}) {
  const schema = SCHEMAS[component.hook as keyof typeof SCHEMAS] ?? evaluateSchema;
  const config = schema.parse({ type: 'command', cwd: dir, ...extra }) as unknown as JsonObject;
  return await supervisedRun(component, dir, config, more);
}

/** What it comes to. */
async function resultOf(component: Component, dir: string, extra: JsonObject) {
  return await component.run(await jobOf(component, dir, extra));
}

const script = (text: string, ...args: string[]) => ['python3', '-c', text, ...args];
const metricsOf = (dir: string) => new MetricsFollower(join(dir, 'metrics.jsonl')).read();
const jsonOf = (path: string) => readFile(path, 'utf8').then(JSON.parse);

describe('a command', () => {
  test('gets dataset, output, GPUs and parameters as arguments, the environment, and no shell', async () => {
    const dir = await workFolder();
    process.env['OWN_TOKEN'] = 'a secret';
    onTestFinished(() => {
      delete process.env['OWN_TOKEN'];
    });
    const tell =
      'import json, os, sys; json.dump([sys.argv[1:], os.getcwd(), {n: os.environ.get(n) for n in ("MODE", "OWN_TOKEN", "CUDA_VISIBLE_DEVICES")}], open(sys.argv[2] + "/told.json", "w"))';
    const job = await jobOf(
      inferCommand,
      dir,
      {
        argv: script(tell, '{dataset}', '{output}', '--gpus={gpus}', '{lr} {flag}', '$HOME; rm {{x}} {"a": 1}'),
        dataset: '/data/rows.jsonl',
        env: { MODE: 'm-{lr}' },
        secrets: ['OWN_TOKEN'],
        parameters: { lr: 1e-7, flag: true },
      },
      { devices: ['GPU-a', 'GPU-b'] },
    );
    const output = join(dir, 'out', 'output');
    expect(await inferCommand.run(job)).toEqual({ results: [{ path: output }], metrics: {} });
    const [args, cwd, env] = await jsonOf(join(output, 'told.json'));
    expect(args).toEqual(['/data/rows.jsonl', output, '--gpus=2', '1e-7 true', '$HOME; rm {x} {"a": 1}']);
    expect(cwd).toBe(dir);
    expect(env).toMatchObject({ MODE: 'm-1e-7', OWN_TOKEN: 'a secret' });
    expect(await readFile(supervisorFiles(dir).spec, 'utf8')).not.toContain('a secret');
    expect(JSON.stringify(job.config)).not.toContain('a secret');
  });

  test.each<[string, JsonObject, RegExp]>([
    [
      'a program that is not installed',
      { argv: ['no-such-trainer', '{output}'] },
      /^cannot start no-such-trainer: there is no such program$/,
    ],
    [
      'a secret that the worker has not',
      { argv: ['true', '{output}'], secrets: ['OWN_ABSENT'] },
      /^the worker's environment has no OWN_ABSENT/,
    ],
    [
      'a dataset that nothing gives',
      { argv: ['true', '{output}', '{dataset}'] },
      /uses \{dataset\}, but the config has no "dataset"/,
    ],
    ['an exit code', { argv: script('import sys; print("no good"); sys.exit(3)', '{output}') }, /exited with code 3/],
    [
      'a script that is not there',
      { argv: ['python3', 'gone.py', '{output}'] },
      /the script .*\/gone\.py is not there/,
    ],
    [
      'a package that is missing',
      { argv: script('import no_such_package', '{output}') },
      /lacks the package no_such_package/,
    ],
    [
      'nothing that it wrote',
      { argv: ['true', '{output}'] },
      /^true ended well but wrote nothing to .*\/out\/output, which \{output\} stands for/,
    ],
  ])('fails with %s, and says so', async (_, extra, why) => {
    const job = await jobOf(trainCommand, await workFolder(), extra);
    expect((await failureOf(trainCommand.run(job))).message).toMatch(why);
  });
});

describe('an evaluation', () => {
  const score = (text: string) =>
    script(`import sys; open(sys.argv[1], "w").write(${JSON.stringify(text)})`, '{result}');

  test.each([evaluateDataCommand, evaluateModelCommand])(
    '$name has the score and all numbers of its result file',
    async component => {
      const dir = await workFolder();
      const argv = score('{"acc": 0.75, "by": {"a": 1}}');
      expect(await resultOf(component, dir, { argv, primary: 'acc' })).toEqual({
        results: [{ value: 0.75 }, { value: { acc: 0.75, by: { a: 1 } } }],
        metrics: { acc: 0.75, 'by.a': 1 },
      });
    },
  );

  test.each<[string, string[], RegExp]>([
    ['missing', ['true', '{result}'], /left no result at .*\/out\/output\/result\.json/],
    ['empty', score(''), /is empty/],
    ['not JSON', score('acc 0.5'), /is not JSON/],
    ['not what it says', score('{"acc": 0.5, "f1": 0.4}'), /no number "score": say in primary which of them/],
  ])('whose result is %s fails', async (_, argv, why) => {
    const result = resultOf(evaluateDataCommand, await workFolder(), { argv });
    expect((await failureOf(result)).message).toMatch(why);
  });
});

/** What an undisturbed training of so many steps ends with. */
function undisturbed(steps: number): string {
  let state = createHash('sha256').update('the beginning').digest();
  for (let step = 1; step <= steps; step += 1) state = createHash('sha256').update(state).update(String(step)).digest();
  return state.toString('hex');
}

describe('a training that saves in a way of its own', () => {
  const STEPS = 16;
  const own = (env: JsonObject, pattern: string, steps = STEPS): JsonObject => ({
    argv: ['python3', OWN_WAY, '{output}', String(steps), '4'],
    env,
    log: 'key-value',
    checkpoints: { pattern, resume: ['--resume', '{checkpoint}'] },
  });
  const weightsOf = (dir: string) => readFile(join(dir, 'out', 'output', 'weights.bin'), 'hex');
  const fromOf = async (dir: string): Promise<(string | null)[]> =>
    (await jsonOf(join(dir, 'segments.json'))).map((one: { from: string | null }) => one.from);

  test('to a file: killed, it goes on from its newest whole checkpoint by its resume arguments, to the same bytes', async () => {
    const dir = await workFolder();
    const env = { OWN_WAY_KILL_AT: '6,14', OWN_WAY_TEAR_AT: '8' };
    const result = await resultOf(trainCommand, dir, own(env, 'epoch=\\d+-step=(?<step>\\d+)\\.ckpt'));
    expect(result.metrics).toMatchObject({ steps: STEPS, first_loss: 1, last_loss: 1 / STEPS });
    expect(await weightsOf(dir)).toBe(undisturbed(STEPS));
    // Torn at step 8, it goes on from 4; what it saves at 8 then counts.
    expect(await fromOf(dir)).toEqual([null, 'checkpoint-4', 'checkpoint-4', 'checkpoint-12']);
    expect(await readFile(join(dir, 'log-2.txt'), 'utf8')).toContain('resumed from epoch=0-step=4.ckpt at step 4');
    // Of the copies two stay.
    expect(
      (await readdir(join(dir, 'checkpoints'))).filter(name => name.startsWith('checkpoint-')).length,
    ).toBeLessThanOrEqual(2);
  });

  test('to a folder: told to run until a step, it ends after the next checkpoint that is whole, and goes on from there', async () => {
    const dir = await workFolder();
    const steps = 100;
    const config = (seconds: string) =>
      own({ OWN_WAY_NAME: 'checkpoint-{{step}}/', OWN_WAY_STEP_SECONDS: seconds }, 'checkpoint-(?<step>[0-9]+)', steps);
    const job = await jobOf(trainCommand, dir, config('0.1'));
    const until: JobRun['program'] = spec => runProgram(spec, { dir, epoch: 1, signal: job.signal, until: 3 });
    await expect(trainCommand.run({ ...job, program: until })).rejects.toMatchObject({ name: 'ProgramHeld' });
    const held = (await readdir(join(dir, 'checkpoints'))).filter(name => name.startsWith('checkpoint-'));
    expect(held.length).toBeGreaterThan(0);
    await trainCommand.run(await jobOf(trainCommand, dir, config('0')));
    expect(await weightsOf(dir)).toBe(undisturbed(steps));
    expect((await fromOf(dir)).at(-1)).toMatch(/^checkpoint-\d+$/);
  });

  test('is gone on with on another host, which has none of its own files but the copies', async () => {
    const job = await workFolder();
    const [first, second] = [join(job, 'epoch-1'), join(job, 'epoch-2')];
    const env = { OWN_WAY_KILL_AT: '6' };
    const config = own(env, 'epoch=\\d+-step=(?<step>\\d+)\\.ckpt');
    const one = await jobOf(trainCommand, first, config);
    one.job.durability = { maxRestarts: 0 } as never;
    await failureOf(trainCommand.run(one));
    const other = await jobOf(trainCommand, second, { ...config, env: {} });
    const program: JobRun['program'] = async spec => {
      await handOverCheckpoints(second, 1, spec.checkpoints!.dir);
      return await runProgram(spec, { dir: second, epoch: 2, signal: other.signal });
    };
    await trainCommand.run({ ...other, program });
    expect(await weightsOf(second)).toBe(undisturbed(STEPS));
    expect((await metricsOf(second)).filter(line => line['step'] !== undefined).at(-1)).toMatchObject({ step: STEPS });
  });
});

test('numbers that are printed before the bar which tells their step are of that step', async () => {
  const dir = await workFolder();
  // As Hugging Face's Trainer writes them: the bar cleared, the numbers, the bar again.
  const text = [
    'import sys',
    'bar = lambda n: sys.stderr.write("\\r%3d%%|##| %d/4 [00:01<00:01,  1.00it/s]" % (25 * n, n))',
    'for step in range(1, 5):',
    '    bar(step) if step != 3 else None',
    '    sys.stderr.write("\\r" + " " * 40 + "\\r"); sys.stderr.flush()',
    '    print(str({"loss": 1.0 / step, "learning_rate": 1e-05, "epoch": step / 4}), flush=True)',
    '    bar(step)',
    'open(sys.argv[1] + "/model", "w").write("m")',
  ].join('\n');
  await resultOf(trainCommand, dir, { argv: script(text, '{output}'), log: 'huggingface' });
  const steps = (await metricsOf(dir)).flatMap(line =>
    line['loss'] === undefined ? [] : [[line['step'], line['loss']]],
  );
  expect(steps).toEqual([
    [1, 1],
    [2, 0.5],
    [3, 1 / 3],
    [4, 0.25],
  ]);
});
