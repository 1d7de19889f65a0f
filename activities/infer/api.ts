import { ENVIRONMENT_READS } from '../../plan/environment.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { defineComponent } from '../component.ts';
import { JobFailure } from '../runtime/failure.ts';
import { ANSWERS } from './answers-name.ts';
import { API_NOT_IN_KEY, apiSchema, checkApi } from './api-config.ts';
import { askModel } from './ask-model.ts';

/** Of OpenAI's own client. */
const TIMEOUT_S = 600;

/** InferModelHook `api`: asks a server that speaks OpenAI's protocol about each sample. Its key is in the environment only. */
export const inferApi = defineComponent({
  name: 'infer.api',
  hook: 'InferModelHook',
  type: 'api',
  version: 1,
  summary:
    'Asks a model behind an OpenAI-compatible API about each sample; the results are the paths of the datasets with its answers.',
  resources: { tag: 'cpu', gpus: 0 },
  // Its program is detached and long, and who runs it twice pays twice.
  claims: true,
  cacheable: true,
  config: { extra: apiSchema },
  reads: [{ at: 'extra_configs.dataset_path', kind: 'dataset' }, ...ENVIRONMENT_READS],
  writes: [ANSWERS],
  results: [{ value: 'paths' }],
  notInKey: API_NOT_IN_KEY,
  check: checkApi,

  async run(run) {
    const [problem] = checkApi(run.config);
    if (problem) throw new JobFailure(`${problem.at}: ${problem.message}`);
    const config = apiSchema.parse(run.config.extra_configs);
    const { model_params: params } = config;
    return await askModel(run, config, {
      kind: 'api',
      environment: 'data-juicer',
      phase: 'asking the API',
      price: config.price ?? null,
      options: {
        model: config.model ?? null,
        base_url: params?.base_url ?? null,
        endpoint: config.api_endpoint ?? null,
        response_path: config.response_path ?? null,
        sampling_params: (config.sampling_params ?? {}) as JsonObject,
        api_key_env: config.api_key_env ?? null,
        organization: params?.organization ?? null,
        project: params?.project ?? null,
        headers: params?.default_headers ?? {},
        query: params?.default_query ?? null,
        timeout: params?.timeout ?? TIMEOUT_S,
        max_retry_num: config.max_retry_num,
        retry_wait: config.retry_wait,
        concurrency: config.concurrency,
        requests_per_minute: config.requests_per_minute ?? null,
        allow_failed: config.allow_failed_samples,
      },
    });
  },
});
