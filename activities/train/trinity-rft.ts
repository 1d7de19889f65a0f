import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { isObject } from '../../plan/dotted.ts';
import { ENVIRONMENT_NOT_IN_KEY, ENVIRONMENT_READS, environmentKeys } from '../../plan/environment.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { stepSummary } from '../command/step-summary.ts';
import { defineComponent } from '../component.ts';
import { inItsWords } from '../evaluate/in-its-words.ts';
import { writeAtomically } from '../runtime/atomic.ts';
import { durably } from '../runtime/durably.ts';
import { JobFailure } from '../runtime/failure.ts';
import { pythonFile } from '../runtime/paths.ts';
import { checkTrinityMetrics, type TrinityMetrics, trinityPatterns } from './trinity-patterns.ts';

const ROOT = 'extra_configs.checkpoint_root_dir';
const KEPT = 1;
const text = z.string().min(1);

const schema = z.looseObject({
  type: z.literal('trinity-rft'),
  trinity_config_path: text.describe("Trinity-RFT's own config"),
  trinity_home: text.nullish().describe("Trinity-RFT's folder, where it is not installed in the environment"),
  cwd: text.default('.').describe('Where it runs: relative paths in its config start there'),
  overrides: z
    .record(z.string(), z.unknown())
    .nullish()
    .describe('Put over its config, key by key: what a sweep varies, and where results of other jobs go'),
  checkpoint_root_dir: z.string().nullish().describe("Where it saves, in place of its config's; the result"),
  metrics: z
    .record(z.string().regex(/^[A-Za-z_]\w*$/), text)
    .nullish()
    .describe('Metric → key of the records that its trainer logs, beside those that are always read'),
  ...environmentKeys,
});

/** TrainModelHook `trinity-rft`: `trinity run --config`, with whole checkpoints, resuming, and failures that it hides. */
export const trainTrinity = defineComponent({
  name: 'train.trinity-rft',
  hook: 'TrainModelHook',
  type: 'trinity-rft',
  version: 1,
  summary: 'fine-tunes a model by reinforcement with Trinity-RFT; the result is its checkpoint_root_dir',
  resources: { tag: 'gpu', gpus: 1 },
  claims: true,
  cacheable: true,
  config: { extra: schema },
  reads: [
    { at: 'extra_configs.trinity_config_path', kind: 'file' },
    { at: 'extra_configs.trinity_home', kind: 'directory', content: ['trinity'] },
    { at: 'extra_configs.cwd', kind: 'directory', content: [] },
    { at: 'extra_configs.overrides.model.model_path', kind: 'model', hub: true },
    { at: 'extra_configs.overrides.buffer.explorer_input.taskset.path', kind: 'dataset', hub: true },
    ...ENVIRONMENT_READS,
  ],
  writes: [{ at: ROOT, kind: 'directory', fallback: 'checkpoints' }],
  results: [{ write: ROOT }],
  // It saves where its own config says, and knows no step to stop at: it is ended after the checkpoint that comes next.
  steps: { sums: metric => /^(?:first|last)_(.+)$/.exec(metric)?.[1], waits: true },
  notInKey: ['extra_configs.metrics', ...ENVIRONMENT_NOT_IN_KEY],
  check: ({ extra_configs }) => checkTrinityMetrics((extra_configs?.['metrics'] ?? {}) as TrinityMetrics),

  async run(run) {
    const config = schema.parse(run.config.extra_configs);
    const root = config.checkpoint_root_dir ?? join(run.out, 'checkpoints');
    const told = await readConfig(config.trinity_config_path);
    const merged = overlaid(told, (config.overrides ?? {}) as JsonObject);
    const own = { ...merged, checkpoint_root_dir: root, continue_from_checkpoint: true };
    const [file, request] = [join(run.dir, 'trinity.yaml'), join(run.dir, 'trinity-request.json')];
    const checkpoints = join(run.dir, 'checkpoints');
    // JSON is YAML.
    await writeAtomically(file, JSON.stringify(own, null, 2));
    await writeAtomically(
      request,
      JSON.stringify({ config: file, root, home: config.trinity_home ?? null, checkpoints }),
    );
    const { python, env } = await run.environment(config);
    const durable = durably(run.job, { dir: checkpoints, canStopOnRequest: false });
    const total = totalSteps(own);
    const end = await inItsWords(run, () =>
      run.program({
        argv: [...python, pythonFile('trinity-launch', 'run.py'), request],
        cwd: config.cwd,
        env: { ...env, PYTHONUNBUFFERED: '1', ...(config.trinity_home && { PYTHONPATH: config.trinity_home }) },
        patterns: trinityPatterns(config.metrics ?? {}),
        unit: 'step',
        phase: 'training',
        ...(total !== null && { total }),
        failOnNaN: true,
        checkpoints: { ...durable.checkpoints, keep: durable.checkpoints.keep ?? KEPT },
        restarts: durable.restarts,
      }),
    );
    await checkSaved(root);
    const notes =
      typeof told['checkpoint_root_dir'] === 'string'
        ? [
            `checkpoint_root_dir of ${config.trinity_config_path} is not used: name it in extra_configs.checkpoint_root_dir`,
          ]
        : [];
    return { results: [{ path: root }], metrics: await stepSummary(end.metrics), notes };
  },
});

/** Trinity-RFT's config as a map. Throws JobFailure where it is none. */
async function readConfig(path: string): Promise<JsonObject> {
  const source = await readFile(path, 'utf8');
  let value: unknown;
  try {
    value = parse(source);
  } catch (error) {
    throw new JobFailure(`trinity_config_path ${path} is not YAML: ${(error as Error).message}`, { cause: error });
  }
  if (isObject(value)) return value as JsonObject;
  throw new JobFailure(
    `trinity_config_path ${path} must be a map of Trinity-RFT's keys (mode, model, buffer, …), got ${JSON.stringify(value)}`,
  );
}

function overlaid(below: JsonObject, above: JsonObject): JsonObject {
  const entries = Object.entries(above).map(([key, value]) => {
    const under = below[key];
    return [key, isObject(value) && isObject(under) ? overlaid(under as JsonObject, value as JsonObject) : value];
  });
  return { ...below, ...Object.fromEntries(entries) };
}

function totalSteps(config: JsonObject): number | null {
  const sections = [config['trainer'], config['buffer']].filter(isObject);
  const found = sections.map(section => section['total_steps']).find(value => typeof value === 'number');
  return typeof found === 'number' && found > 0 ? found : null;
}

/** Throws JobFailure where it ended well without a checkpoint of its model. */
async function checkSaved(root: string): Promise<void> {
  const names = await readdir(root, { recursive: true }).catch(() => [] as string[]);
  const models = names.filter(name => /(?:^|\/)global_step_\d+\/.*model.*\.(?:pt|safetensors|bin)$/.test(name));
  if (models.length === 0)
    throw new JobFailure(
      `trinity run ended well but saved no model (<project>/<name>/global_step_<n>/actor/…) in ${root}: look at trainer.save_interval and at the end of its log`,
    );
  for (const name of models)
    if ((await stat(join(root, name))).size === 0)
      throw new JobFailure(`trinity run ended well but ${join(root, name)} is empty`);
}
