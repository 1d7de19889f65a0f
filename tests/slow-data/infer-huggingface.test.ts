// InferModelHook `huggingface`: real Transformers with a small Llama of the test's own that says what it is asked to say.
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inferHuggingFace } from '../../activities/infer/huggingface.ts';
import { pythonOf } from '../../activities/runtime/paths.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { failureOf, supervisedRun, workFolder } from '../support/evaluators.ts';
import { plainRun, samplesOf } from '../support/inference.ts';
import { dataset, linesOf } from '../support/pools.ts';

const COLOURS = ['red', 'green', 'blue', 'black', 'white', 'brown'];

let models: string;
beforeAll(async () => {
  models = await mkdtemp(join(tmpdir(), 'chat-models-'));
  await execa(pythonOf('train'), [resolve('tests/fixtures/inference/make_chat_model.py'), join(models, 'small')]);
});
afterAll(() => rm(models, { recursive: true, force: true }));

async function colours(work: string): Promise<string> {
  const samples = COLOURS.map((colour, i) => ({ ...(i % 2 && { system: 'please' }), query: `say ${colour}` }));
  return await dataset(join(work, 'd.jsonl'), samples);
}

const config = (work: string, dir: string, extra: JsonObject = {}): JsonObject => ({
  model: join(models, 'small'),
  dataset_path: join(work, 'd.jsonl'),
  export_path: join(dir, 'out', 'answers'),
  model_params: { device: 'cpu' },
  ...extra,
});
const responsesIn = async (dir: string) =>
  (await samplesOf(join(dir, 'out', 'answers', 'd_inference.jsonl'))).map(({ response }) => response);

test.each([1, 4])(
  'a real chat model answers each sample, %i at a time, with the system prompt or without',
  async batch_size => {
    const work = await workFolder();
    await colours(work);
    const dir = join(work, 'job');
    const sampling_params = { do_sample: false, max_new_tokens: 4 };
    const run = await supervisedRun(inferHuggingFace, dir, config(work, dir, { batch_size, sampling_params }));
    const { metrics, notes, versions } = await inferHuggingFace.run(run);
    expect(await responsesIn(dir)).toEqual(COLOURS.map(colour => ` ${colour}`));
    expect(metrics).toEqual({ samples: 6, answered: 6, failed: 0, cut_off: 0, requests: 6, retries: 0 });
    expect(notes).toEqual([`${join(models, 'small')} was asked`, '6 of 6 samples answered']);
    expect(versions).toMatchObject({ transformers: expect.stringMatching(/^4/), torch: expect.stringMatching(/^2/) });
    expect(run.seen.at(-1)).toMatchObject({ step: 6, total: 6, unit: 'sample' });
  },
);

test('what is drawn at random depends on the seed and the sample: a job that goes on draws what one that went through drew', async () => {
  const work = await workFolder();
  await colours(work);
  const sampling_params = { do_sample: true, temperature: 5.0, top_k: 0, max_new_tokens: 6 };
  const runIn = async (epoch: number, extra: JsonObject = {}) => {
    const dir = join(work, `job-${epoch > 2 ? 'b' : 'a'}`, `epoch-${epoch}`);
    await inferHuggingFace.run(await plainRun(inferHuggingFace, dir, config(work, dir, { sampling_params, ...extra })));
    return { dir, responses: await responsesIn(dir) };
  };
  const straight = await runIn(1);
  const answers = await linesOf(join(straight.dir, 'answers.jsonl'));
  await writeFile(
    join(straight.dir, 'answers.jsonl'),
    answers
      .slice(0, 2)
      .map(line => `${line}\n`)
      .join(''),
  );
  expect((await runIn(2)).responses).toEqual(straight.responses);
  expect((await runIn(3, { seed: 1 })).responses).not.toEqual(straight.responses);
});

describe('fails with what is wrong', () => {
  test.each<[string, JsonObject, RegExp]>([
    [
      'a folder without a model',
      { model: 'empty' },
      /the model .*empty cannot be loaded: .*; give the folder of a model that generates text/,
    ],
    [
      'a model that was not made for chats',
      { model: 'plain' },
      /the model .*plain has no chat template in its tokenizer/,
    ],
    [
      'a parameter that it does not have',
      { sampling_params: { max_tokens: 3 } },
      /d\.jsonl, line 1: .* cannot answer: ValueError: .*max_tokens/,
    ],
  ])('%s', async (_, { model = 'small', ...extra }, message) => {
    const [empty, plain] = [join(models, 'empty'), join(models, 'plain')];
    await mkdir(empty, { recursive: true });
    await cp(join(models, 'small'), plain, { recursive: true });
    await rm(join(plain, 'chat_template.jinja'), { force: true });
    const about = join(plain, 'tokenizer_config.json');
    const { chat_template: _template, ...rest } = JSON.parse(await readFile(about, 'utf8'));
    await writeFile(about, JSON.stringify(rest));
    const work = await workFolder();
    await colours(work);
    const dir = join(work, 'job');
    const run = await plainRun(
      inferHuggingFace,
      dir,
      config(work, dir, { ...extra, model: join(models, String(model)) }),
    );
    expect((await failureOf(inferHuggingFace.run(run))).message).toMatch(message);
  });
});
