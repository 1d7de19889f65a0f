import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ENVIRONMENT_NOT_IN_KEY, ENVIRONMENT_READS } from '../../plan/environment.ts';
import { stepSummary } from '../command/step-summary.ts';
import { defineComponent } from '../component.ts';
import { readEvaluation } from '../evaluate/evaluation-result.ts';
import { inItsWords } from '../evaluate/in-its-words.ts';
import { gpusWanted } from '../probe/model-infer-config.ts';
import { writeAtomically } from '../runtime/atomic.ts';
import { durably } from '../runtime/durably.ts';
import { JobFailure } from '../runtime/failure.ts';
import { MODELSCOPE } from '../runtime/log-patterns.ts';
import { pythonFile } from '../runtime/paths.ts';
import { checkModelScope, modelScopeSchema, trainingRequest } from './modelscope-config.ts';

/** Those that a training goes on from are no results: the trainer's own hooks save what the config asks for. */
const KEPT = 2;
const WEIGHTS = /\.(?:pth|pt|bin|safetensors|ckpt)$/;

/** What python/modelscope-launch/train.py writes at its end. */
interface Told {
  epochs: number;
  evaluation: Record<string, number>;
  versions: Record<string, string>;
}

/** TrainModelHook `modelscope`: `modelscope.trainers.build_trainer`, with whole checkpoints, resuming and stopping at a step. */
export const trainModelScope = defineComponent({
  name: 'train.modelscope',
  hook: 'TrainModelHook',
  type: 'modelscope',
  version: 1,
  summary: 'trains a model with a trainer of ModelScope; the result is its work_dir',
  resources: { tag: 'gpu', gpus: 1 },
  gpus: gpusWanted,
  claims: true,
  cacheable: true,
  config: { extra: modelScopeSchema },
  reads: [
    { at: 'extra_configs.train_dataset', kind: 'dataset' },
    { at: 'extra_configs.eval_dataset', kind: 'dataset' },
    { at: 'extra_configs.model_name', kind: 'model', hub: true },
    ...ENVIRONMENT_READS,
  ],
  writes: [{ at: 'extra_configs.work_dir', kind: 'directory' }],
  results: [{ write: 'extra_configs.work_dir' }],
  steps: { sums: metric => /^(?:first|last)_(.+)$/.exec(metric)?.[1], waits: true },
  notInKey: ['extra_configs.launcher', ...ENVIRONMENT_NOT_IN_KEY],
  check: checkModelScope,

  async run(run) {
    const config = modelScopeSchema.parse(run.config.extra_configs);
    const [request, summary] = [join(run.dir, 'modelscope-request.json'), join(run.dir, 'modelscope-summary.json')];
    const checkpoints = join(run.dir, 'checkpoints');
    const own = { cache: join(run.dir, 'datasets'), checkpoints, summary };
    await writeAtomically(request, JSON.stringify({ ...trainingRequest(config), ...own }));
    const durable = durably(run.job, { dir: checkpoints, canStopOnRequest: true });
    const { python, env } = await run.environment(config, 'modelscope');
    const end = await inItsWords(run, () =>
      run.program({
        argv: [...python, pythonFile('modelscope-launch', 'train.py'), request],
        cwd: run.dir,
        // Without a GPU the number of threads changes the last bits of the weights.
        env: { ...env, PYTHONUNBUFFERED: '1', ...(run.devices.length === 0 && { OMP_NUM_THREADS: '1' }) },
        patterns: [...MODELSCOPE, { kind: 'phase', pattern: '^dj-sandbox phase: (?<phase>[a-z ]+)$' }],
        unit: 'step',
        phase: 'starting ModelScope',
        failOnNaN: true,
        checkpoints: { ...durable.checkpoints, keep: durable.checkpoints.keep ?? KEPT },
        restarts: durable.restarts,
      }),
    );
    await checkWeights(config.work_dir, config.trainer_name);
    const { epochs, evaluation, versions } = (await readEvaluation(summary)) as Told;
    const evaluated = Object.entries(evaluation).map(([name, value]) => [`eval_${name}`, value]);
    const metrics = { ...(await stepSummary(end.metrics)), epochs, ...Object.fromEntries(evaluated) };
    return { results: [{ path: config.work_dir }], metrics, versions };
  },
});

/** Throws JobFailure where a training that ended well saved no weights, or empty ones. */
async function checkWeights(folder: string, trainer: string): Promise<void> {
  const names = await readdir(folder, { recursive: true }).catch(() => [] as string[]);
  const weights = names.filter(name => WEIGHTS.test(name));
  if (weights.length === 0)
    throw new JobFailure(
      `${trainer} ended well but saved no weights in ${folder}: train.checkpoint.period must not have save_strategy "no"`,
    );
  const sizes = await Promise.all(weights.map(async name => ({ name, bytes: (await stat(join(folder, name))).size })));
  const empty = sizes.find(({ bytes }) => bytes === 0);
  if (empty) throw new JobFailure(`${trainer} ended well but ${join(folder, empty.name)} is empty`);
}
