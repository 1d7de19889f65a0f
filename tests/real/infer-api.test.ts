// InferModelHook `api` with its real program, asking a real HTTP server of the test that has good and bad days.
import { appendFile, readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { inferApi } from '../../activities/infer/api.ts';
import { pythonOf } from '../../activities/runtime/paths.ts';
import { liveSupervisor } from '../../activities/runtime/supervisor-files.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { until } from '../activities/runtime/trainers.ts';
import { type Asked, type Behaviour, chatServer, completion, refusal, reply, stream } from '../support/chat-server.ts';
import { failureOf, supervisedRun, workFolder } from '../support/evaluators.ts';
import { plainRun, printed, samplesOf } from '../support/inference.ts';
import { dataset } from '../support/pools.ts';

const KEY = 'sk-of-this-test-0123456789';

beforeEach(() => {
  for (const name of ['DASHSCOPE_API_KEY', 'SK', 'OPENAI_BASE_URL', 'OPENAI_API_URL', 'DASHSCOPE_BASE_URL'])
    vi.stubEnv(name, '');
  vi.stubEnv('OPENAI_API_KEY', KEY);
});
afterEach(() => vi.unstubAllEnvs());

/** Asks a server that behaves so about samples that say `texts`; one at a time, unless told otherwise. */
async function asking(behave: Behaviour | undefined, texts: string[], extra: JsonObject = {}, run = plainRun) {
  const work = await workFolder();
  const server = await chatServer(behave);
  const data = await dataset(
    join(work, 'd.jsonl'),
    texts.map(query => ({ query })),
  );
  const config = (out: string) => ({
    ...{ model: 'm', dataset_path: data, export_path: out, concurrency: 1, retry_wait: 0.01 },
    ...extra,
    model_params: { base_url: server.url, ...(extra.model_params as JsonObject) },
  });
  const started = async (dir: string) => await run(inferApi, dir, config(join(dir, 'out', 'answers')));
  return { work, server, started, texts: () => server.asked.map(({ text }) => text) };
}

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `n${i}`);
const responsesOf = async (path: string) => (await samplesOf(path)).map(({ response }) => response);
const outputOf = (dir: string) => join(dir, 'out', 'answers', 'd_inference.jsonl');

test('datasets come back in their order with the answers, under the names of the original, and with tokens and cost', async () => {
  const work = await workFolder();
  const server = await chatServer(({ text }) => text.slice(-2));
  const asked = { prompt: 'You grade.', question: '1 + 1?', answer: '2\u2028' };
  const one = await dataset(join(work, 'some.texts.jsonl'), [
    asked,
    { ...asked, prompt: '', answer: 'é', grades: 'old' },
  ]);
  const other = await dataset(join(work, 'b.csv'), ['question,answer', '"a,b",no']);
  const run = await plainRun(inferApi, join(work, 'job'), {
    ...{ model: 'some-model', build_messages_func: 'build_messages_for_math_qa', infer_res_key: 'grades' },
    func_kwargs: { system_key: 'prompt', query_key: 'question', response_key: 'answer' },
    sampling_params: { temperature: 0 },
    model_params: { base_url: `${server.url}/`, default_headers: { 'x-title': 'test' } },
    ...{ dataset_path: [one, other], export_path: join(work, 'job', 'out', 'answers') },
    price: { input: 2, output: 10 },
  });
  const { results, metrics, notes, versions } = await inferApi.run(run);

  const paths = ['some.texts_inference.jsonl', 'b_inference.jsonl'].map(name => join(run.out, 'answers', name));
  expect(results).toEqual([{ paths }]);
  expect(await samplesOf(paths[0]!)).toEqual([
    { ...asked, grades: '2\u2028' },
    { ...asked, prompt: '', answer: 'é', grades: ' é' },
  ]);
  expect(await samplesOf(paths[1]!)).toEqual([{ question: 'a,b', answer: 'no', grades: 'no' }]);
  const first = server.asked.find(({ body }) => body.messages!.length === 2)!;
  expect(first).toMatchObject({
    path: '/v1/chat/completions',
    headers: { authorization: `Bearer ${KEY}`, 'x-title': 'test' },
  });
  expect(first.body).toEqual({
    model: 'some-model',
    messages: [
      { role: 'system', content: 'You grade.' },
      { role: 'user', content: 'Question: 1 + 1?\nAnswer: 2\u2028' },
    ],
    temperature: 0,
  });
  const prompt_tokens = server.asked.reduce((sum, { body }) => sum + JSON.stringify(body.messages).length, 0);
  expect(metrics).toEqual({
    ...{ samples: 3, answered: 3, failed: 0, cut_off: 0, requests: 3, retries: 0 },
    ...{ prompt_tokens, completion_tokens: 6, total_tokens: prompt_tokens + 6 },
    cost: expect.closeTo((prompt_tokens * 2 + 6 * 10) / 1e6, 12),
  });
  expect(notes).toEqual([`some-model at ${server.url}/chat/completions was asked`, '3 of 3 samples answered']);
  expect(versions!.httpx).toMatch(/^\d/);
});

test('as many requests are under way as `concurrency` says, and no more', async () => {
  const waiting: (() => void)[] = [];
  const { server, started, work } = await asking(
    async ({ text }) => {
      await new Promise<void>(resolve => {
        waiting.push(resolve);
        if (waiting.length === 3) for (const go of waiting.splice(0)) go();
      });
      return text;
    },
    numbered(6),
    { concurrency: 3 },
  );
  await inferApi.run(await started(join(work, 'job')));
  expect(server.most()).toBe(3);
  expect(await responsesOf(outputOf(join(work, 'job')))).toEqual(numbered(6));
});

const BAD_DAYS: Record<string, (response: Parameters<Behaviour>[1]) => undefined> = {
  'too many requests': response => reply(response, 429, refusal('slow down'), { 'retry-after': '0' }),
  'an error of the server': response => reply(response, 500, 'oops'),
  'a gateway without its server': response => reply(response, 503, '<html>Service Unavailable</html>'),
  garbage: response => reply(response, 200, '{"choices": [{'),
  'a page': response => reply(response, 200, '<html>login</html>', { 'content-type': 'text/html' }),
  nothing: response => reply(response, 200, ''),
  'no text': response => reply(response, 200, completion(null)),
  'no choice': response => reply(response, 200, { choices: [] }),
  'an error that calls itself a success': response => reply(response, 200, refusal('overloaded')),
  'half an answer': response => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
    response.write('{"choices": [{"message": {"content": "re:', () => response.destroy());
    return undefined;
  },
  'half a stream': response => stream(response, ['re: ', 'half ', 'a stream'], 2),
  'a closed connection': response => {
    response.destroy();
    return undefined;
  },
};

test('a server that has a bad day is asked again: busy, broken, garbage, nothing, half an answer, half a stream', async () => {
  const days = Object.keys(BAD_DAYS);
  const { server, started, work } = await asking(
    ({ text, before }, response) => {
      if (before === 0) return BAD_DAYS[text]!(response);
      return text === 'half a stream' ? stream(response, ['re: ', text]) : `re: ${text}`;
    },
    days,
    { sampling_params: { stream: true }, concurrency: 4 },
  );
  const run = await started(join(work, 'job'));
  const { metrics } = await inferApi.run(run);
  expect(await responsesOf(outputOf(join(work, 'job')))).toEqual(days.map(day => `re: ${day}`));
  expect(metrics).toMatchObject({ answered: days.length, requests: 2 * days.length, retries: days.length });
  expect(server.asked).toHaveLength(2 * days.length);
  expect(server.asked[0]!.body).toMatchObject({ stream: true, stream_options: { include_usage: true } });
  const log = await printed(run);
  for (const why of [
    'answers with HTTP 429: slow down',
    'its answer is not JSON: <html>login</html>',
    'its answer is empty',
    'its answer is an error: overloaded',
    'its stream ended in the middle, after 9 characters',
  ])
    expect(log).toContain(why);
});

test('is not asked again before the time that the server gives', async () => {
  const at: number[] = [];
  const { started, work } = await asking(({ text }, response) => {
    at.push(performance.now());
    return at.length === 1 ? reply(response, 429, refusal('later'), { 'retry-after': '1' }) : text;
  }, numbered(2));
  await inferApi.run(await started(join(work, 'job')));
  expect(at).toHaveLength(3);
  expect(at[1]! - at[0]!).toBeGreaterThan(950);
});

test('requests are spaced as `requests_per_minute` says, and wait as the server asks in its ways, or longer each time', async () => {
  const { stdout } = await execa(pythonOf('data-juicer'), [resolve('tests/fixtures/inference/turns.py')]);
  const { spaced, held, asked, backoff } = JSON.parse(stdout);
  expect(spaced).toEqual([0, 0.2, 0.4, 0.6]);
  expect(held).toEqual([0, 30, 30, 30]);
  expect(asked).toEqual({
    seconds: 7,
    milliseconds: 0.25,
    "a date by the server's clock": 120,
    'a date that is over': 0,
    nothing: null,
    words: null,
    'no number': null,
    'less than nothing': 0,
  });
  for (const [i, longest] of [1, 2, 4, 60, 60].entries()) {
    expect(backoff[i][0]).toBeGreaterThanOrEqual(longest / 2);
    expect(backoff[i][1]).toBeLessThanOrEqual(longest);
  }
});

describe('gives up with what is wrong', () => {
  test.each<[string, Behaviour, JsonObject, RegExp, number | null]>([
    [
      'a key that is refused',
      (_, response) => reply(response, 401, refusal(`Incorrect API key provided: ${KEY}`, 'invalid_api_key')),
      {},
      /\/v1\/chat\/completions answers with HTTP 401: Incorrect API key provided: \*\*\*; is the key right\? It was taken from the first of OPENAI_API_KEY, DASHSCOPE_API_KEY, SK/,
      1,
    ],
    [
      'a model that is not served',
      (_, response) => reply(response, 404, refusal('The model `m` does not exist')),
      {},
      /HTTP 404: The model `m` does not exist; look at model, api_endpoint and model_params\.base_url/,
      1,
    ],
    [
      'an account that is empty',
      (_, response) => reply(response, 429, refusal('You exceeded your quota', 'insufficient_quota')),
      {},
      /HTTP 429: You exceeded your quota; the account has nothing left to spend/,
      1,
    ],
    [
      'a sample that is refused',
      (_, response) => reply(response, 400, refusal('too long')),
      {},
      /d\.jsonl, line 1: .* answers with HTTP 400: too long; allow_failed_samples: true leaves such samples out$/,
      1,
    ],
    [
      'a server that is down',
      (_, response) => reply(response, 502, ''),
      { max_retry_num: 2, allow_failed_samples: true },
      /d\.jsonl, line 1: .* answers with HTTP 502 \(asked 3 times\)$/,
      3,
    ],
    [
      'a server that is silent',
      () => new Promise(() => {}),
      { max_retry_num: 0, model_params: { timeout: 0.2 } },
      /line 1: there was no whole answer within 0\.2 s$/,
      null,
    ],
    [
      'a variable that is not set',
      () => '',
      { api_key_env: 'NO_SUCH_KEY' },
      /api_key_env names NO_SUCH_KEY, which is not set/,
      0,
    ],
    [
      'a key that the samples do not have',
      () => '',
      { func_kwargs: { query_key: 'question' } },
      /line 1: there is no "question" in the sample \(query\); func_kwargs names the keys/,
      0,
    ],
  ])('of %s', async (_, behave, extra, message, requests) => {
    const { server, started, work } = await asking(behave, ['a', 'b'], extra);
    const { message: said } = await failureOf(inferApi.run(await started(join(work, 'job'))));
    expect(said).toMatch(message);
    if (requests !== null) expect(server.asked).toHaveLength(requests);
  });
});

test('samples that the server refuses are null where that is allowed, and the first is named', async () => {
  const { started, work } = await asking(
    ({ text }, response) => (text === 'n1' ? reply(response, 400, refusal('unsafe')) : text),
    numbered(3),
    { allow_failed_samples: true, concurrency: 2 },
  );
  const { metrics, notes } = await inferApi.run(await started(join(work, 'job')));
  expect(await responsesOf(outputOf(join(work, 'job')))).toEqual(['n0', null, 'n2']);
  expect(metrics).toMatchObject({ samples: 3, answered: 2, failed: 1 });
  expect(notes!.at(-1)).toMatch(
    /^1 samples have no answer \(null\); the first: .*d\.jsonl, line 2: .*HTTP 400: unsafe$/,
  );
});

test('without a model the first that the server names is asked', async () => {
  const { server, started, work } = await asking(
    ({ path, text }, response) => (path === '/v1/models' ? reply(response, 200, { data: [{ id: 'first' }] }) : text),
    ['a'],
    { model: null, price: null },
  );
  const { notes } = await inferApi.run(await started(join(work, 'job')));
  expect(server.asked.at(-1)!.body.model).toBe('first');
  expect(notes![0]).toMatch(/^first at /);
});

describe('what has been answered is not asked again', () => {
  test('when the program is killed, by the supervisor that starts it again', async () => {
    let hanging: () => void = () => {};
    const hangs = new Promise<void>(resolve => {
      hanging = resolve;
    });
    const behave = ({ text, before }: Asked) => {
      if (text !== 'n3' || before > 0) return `re: ${text}`;
      hanging();
      return new Promise<undefined>(() => {});
    };
    const { started, work, texts } = await asking(behave, numbered(6), {}, supervisedRun);
    const dir = join(work, 'job');
    const run = await started(dir);
    const running = inferApi.run(run);
    await hangs;
    process.kill(await until(async () => (await liveSupervisor(dir))?.trainer?.pid), 'SIGKILL');
    const { metrics } = await running;
    expect(texts()).toEqual(['n0', 'n1', 'n2', 'n3', 'n3', 'n4', 'n5']);
    expect(await responsesOf(outputOf(dir))).toEqual(numbered(6).map(text => `re: ${text}`));
    expect(metrics).toMatchObject({ answered: 6, requests: 6 });
    expect(JSON.parse(await readFile(join(dir, 'segments.json'), 'utf8'))).toHaveLength(2);
  });

  test('when the job is run anew, also where the last line was torn off', async () => {
    let isAway = true;
    const { started, work, texts } = await asking(
      ({ text }, response) => (isAway && text === 'n2' ? reply(response, 401, refusal('revoked')) : text),
      numbered(4),
    );
    const [first, second] = [join(work, 'job', 'epoch-1'), join(work, 'job', 'epoch-2')];
    const { message } = await failureOf(inferApi.run(await started(first)));
    expect(message).toMatch(/ \(2 of 4 samples are answered and kept: the job, run again, goes on from there\)$/);
    await appendFile(join(first, 'answers.jsonl'), '{"dataset": 0, "sample": 2, "as');
    isAway = false;
    const { metrics, notes } = await inferApi.run(await started(second));
    expect(texts()).toEqual(['n0', 'n1', 'n2', 'n2', 'n3']);
    expect(await responsesOf(outputOf(second))).toEqual(numbered(4));
    expect(metrics).toMatchObject({ answered: 4, requests: 4 });
    expect(notes).toContain('2 of 4 samples had been answered by an earlier run');
  });
});

test('the key is in no file of the job, whatever the server says', async () => {
  const { started, work } = await asking(
    ({ text, headers, before }, response) =>
      before === 0 ? reply(response, 500, refusal(`you sent ${headers.authorization}`)) : text,
    ['a'],
    {},
    supervisedRun,
  );
  await inferApi.run(await started(join(work, 'job')));
  const files = (await readdir(work, { recursive: true, withFileTypes: true })).filter(entry => entry.isFile());
  const texts = await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'utf8')));
  expect(texts.some(text => text.includes('you sent Bearer ***'))).toBe(true);
  for (const text of texts) expect(text).not.toContain(KEY);
});
