import { z } from 'zod';
import type { JobConfig } from '../../plan/component.ts';
import { isObject } from '../../plan/dotted.ts';
import { environmentKeys } from '../../plan/environment.ts';
import type { JsonObject } from '../../plan/plan.ts';

const text = z.string().min(1);
const section = z.looseObject({});

/** Keys of the original's ModelscopeTrainExecutor, and what chooses an environment; any other is merged into the model's configuration. */
export const modelScopeSchema = z.looseObject({
  type: z.literal('modelscope'),
  model_name: text.describe('A folder, or a name on the hub'),
  trainer_name: text.describe("A trainer of ModelScope's, such as nlp-base-trainer"),
  work_dir: text.describe('What the trainer saves; the result'),
  train_dataset: text.nullish().describe('A file that MsDataset.load reads; absent: what the model names'),
  eval_dataset: text.nullish().describe('The same for evaluations'),
  key_remapping: z.record(z.string(), text).nullish().describe('Column of the datasets → its name in the trainer'),
  train: section.nullish().describe("ModelScope's own section: max_epochs, optimizer, dataloader, …"),
  evaluation: section.nullish().describe("ModelScope's own section: dataloader, period, metrics, …"),
  preprocessor: section.nullish().describe("ModelScope's own section"),
  device: text.nullish().describe('cpu needs no GPU'),
  seed: z.int().min(0).nullish().describe('Of all that is drawn at random'),
  trust_remote_code: z.boolean().nullish().describe('Lets code that comes with the model run'),
  ...environmentKeys,
  launcher: z
    .object({ python: text.nullish().describe('An interpreter that has modelscope and what its trainer imports') })
    .nullish(),
});

export type ModelScopeConfig = z.infer<typeof modelScopeSchema>;

/** Given to the trainer itself where they are there. */
const ARGUMENTS = ['device', 'seed', 'trust_remote_code'] as const;
const OURS = new Set<string>([
  ...['type', 'model_name', 'trainer_name', 'work_dir', 'train_dataset', 'eval_dataset', 'key_remapping'],
  ...['launcher', ...Object.keys(environmentKeys)],
  ...ARGUMENTS,
]);

/** What python/modelscope-launch/train.py is asked for, but for its own folders. */
export function trainingRequest(config: ModelScopeConfig): JsonObject {
  const given = Object.fromEntries(ARGUMENTS.map(name => [name, config[name]]).filter(([, value]) => value != null));
  const merged = Object.entries(config).filter(([name, value]) => !OURS.has(name) && value != null);
  return {
    trainer: config.trainer_name,
    arguments: { model: config.model_name, work_dir: config.work_dir, ...given },
    config: Object.fromEntries(merged),
    datasets: { train_dataset: config.train_dataset ?? null, eval_dataset: config.eval_dataset ?? null },
    key_remapping: config.key_remapping ?? {},
  } as JsonObject;
}

/** What types cannot say: names that two columns would get, and places that are ours to choose. */
export function checkModelScope({ extra_configs }: JobConfig): { at: string; message: string }[] {
  const { key_remapping: renamed, train } = extra_configs ?? {};
  const problems: { at: string; message: string }[] = [];
  const names = isObject(renamed) ? Object.entries(renamed) : [];
  for (const [key, name] of names) {
    const other = names.find(([each, to]) => to === name && each !== key);
    if (other && other[0] < key)
      problems.push({
        at: `extra_configs.key_remapping.${key}`,
        message: `"${String(name)}" is what key_remapping calls "${other[0]}" already; two columns cannot have one name`,
      });
  }
  if (isObject(train) && train['work_dir'] != null)
    problems.push({
      at: 'extra_configs.train.work_dir',
      message: 'say it in work_dir, which stands for the trainer’s own',
    });
  return problems;
}
