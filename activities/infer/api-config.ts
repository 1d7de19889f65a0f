import { z } from 'zod';
import type { JobConfig } from '../../plan/component.ts';
import { isObject } from '../../plan/dotted.ts';
import type { Json } from '../../plan/plan.ts';
import { namedTwice } from './answers-name.ts';
import { ASKING, ASKING_NOT_IN_KEY } from './asking-config.ts';

/** Names of headers and parameters that carry keys. */
const SECRET = /authorization|cookie|secret|password|credential|api[-_]?key|(?:access|auth)[-_]?token|^(?:key|token)$/i;
const texts = z.record(z.string(), z.string());
const rate = z.number().nonnegative();

export const apiSchema = z.object({
  type: z.literal('api'),
  model: z.string().min(1).nullish().describe('Absent: the first that the server names'),
  model_params: z
    .object({
      base_url: z
        .string()
        .min(1)
        .nullish()
        .describe('Address of the server, such as `http://127.0.0.1:8000/v1`; default OPENAI_BASE_URL of the worker'),
      organization: z.string().nullish().describe("OpenAI's header of that name"),
      project: z.string().nullish().describe("OpenAI's header of that name"),
      default_headers: texts.nullish().describe('Sent with each request'),
      default_query: texts.nullish().describe('Added to the address of each request'),
      timeout: z.number().positive().nullish().describe('Seconds for a whole answer'),
    })
    .nullish(),
  api_endpoint: z.string().min(1).nullish().describe('Default `/chat/completions`'),
  response_path: z
    .string()
    .min(1)
    .nullish()
    .describe('Dotted key of the text in an answer; default `choices.0.message.content`'),
  max_retry_num: z.int().nonnegative().default(5).describe('A request is tried so often again'),
  ...ASKING,
  concurrency: z.int().positive().max(1024).default(8).describe('Requests at a time'),
  requests_per_minute: z.number().positive().nullish().describe('At most; default no limit'),
  retry_wait: z
    .number()
    .nonnegative()
    .default(1)
    .describe('Seconds before the first retry, about; the next ones wait twice as long, at most a minute'),
  api_key_env: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected the name of an environment variable, not a key')
    .nullish()
    .describe('Name of the environment variable that holds the key'),
  price: z.object({ input: rate, output: rate }).nullish().describe('What a million tokens cost, in whatever currency'),
  allow_failed_samples: z
    .boolean()
    .default(false)
    .describe('Samples without an answer get null, instead of failing the job'),
});

export type ApiConfig = z.infer<typeof apiSchema>;

export const API_NOT_IN_KEY = [
  ...ASKING_NOT_IN_KEY,
  ...['max_retry_num', 'concurrency', 'requests_per_minute', 'retry_wait', 'api_key_env', 'price'].map(
    name => `extra_configs.${name}`,
  ),
  'extra_configs.model_params.timeout',
];

/** What a config of the right shape may still have wrong; above all keys, which belong into the environment. */
export function checkApi({ extra_configs }: JobConfig): { at: string; message: string }[] {
  const config = extra_configs ?? {};
  const { model_params: given, sampling_params, api_endpoint: endpoint } = config;
  const params = isObject(given) ? given : {};
  const problems = [...namedTwice(config)];
  const say = (at: string, message: string) => problems.push({ at: `extra_configs.${at}`, message });
  for (const [at, map] of [
    ['model_params', params],
    ['model_params.default_headers', params.default_headers],
    ['model_params.default_query', params.default_query],
    ['sampling_params', sampling_params],
  ] as const)
    for (const name of secretsIn(map ?? null)) say(`${at}.${name}`, KEY_IN_CONFIG);
  for (const [at, url] of [
    ['model_params.base_url', params.base_url],
    ['api_endpoint', endpoint],
  ] as const)
    if (typeof url === 'string' && /^[a-z]+:\/\/[^/]*@/i.test(url))
      say(at, `no password in an address: ${KEY_IN_CONFIG}`);
  if (params.api_backend != null && params.api_backend !== 'openai_compatible')
    say('model_params.api_backend', 'only "openai_compatible" is here: give the base_url of a server that speaks that');
  if (typeof endpoint === 'string' && /embeddings|responses/i.test(endpoint) && !/chat/i.test(endpoint))
    say('api_endpoint', 'expected an endpoint of chat completions, such as /chat/completions');
  if (isObject(sampling_params) && sampling_params.stream === true && config.response_path != null)
    say(
      'response_path',
      'of a stream the text is always at choices.0.delta.content: leave out response_path or stream',
    );
  return problems;
}

const KEY_IN_CONFIG =
  'keys do not belong into configs, which are kept in plans and histories: set OPENAI_API_KEY where the worker runs, or name another variable in api_key_env';

function secretsIn(map: Json): string[] {
  if (!isObject(map)) return [];
  return Object.entries(map).flatMap(([name, value]) => (typeof value === 'string' && SECRET.test(name) ? [name] : []));
}
