import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { z } from 'zod';
import { defineComponent, type JobRun } from '../component.ts';
import { JobFailure } from '../runtime/failure.ts';
import { easyAnimateSample } from './easyanimate-sample.ts';
import { jsonItems } from './json-items.ts';

interface Counts {
  samplesIn: number;
  samplesOut: number;
}

/** GeneralDataExecutorHook `dj_to_easyanimate_video_dataset_conversion`: Data-Juicer datasets of videos as EasyAnimate trains on them. */
export const convertEasyAnimate = defineComponent({
  name: 'convert.easyanimate',
  hook: 'GeneralDataExecutorHook',
  type: 'dj_to_easyanimate_video_dataset_conversion',
  version: 1,
  summary:
    "Converts Data-Juicer video datasets to EasyAnimate's format; the result is the path (or list of paths) of <name>_ea_fmt.json.",
  resources: { tag: 'cpu', gpus: 0 },
  claims: false,
  cacheable: true,
  config: {
    extra: z.strictObject({
      type: z.literal('dj_to_easyanimate_video_dataset_conversion'),
      dataset_path: z
        .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
        .describe('Datasets whose samples have `videos` and `text`'),
      export_path: z.string().min(1).describe('Folder for the converted datasets'),
      allow_empty: z.boolean().optional().describe('Lets a dataset without a single video count as a result'),
    }),
  },
  reads: [{ at: 'extra_configs.dataset_path', kind: 'dataset' }],
  writes: [
    {
      at: 'extra_configs.export_path',
      kind: 'directory',
      alsoMakes: (named, { extra_configs }) =>
        datasetsOf(extra_configs?.dataset_path).map(path => outputOf(path, named)),
    },
  ],
  results: [{ value: 'dataset' }],
  async run(run) {
    const folder = String(run.config.extra_configs?.export_path);
    const datasets = datasetsOf(run.config.extra_configs?.dataset_path);
    const outputs = datasets.map(path => outputOf(path, folder));
    const twice = outputs.find((path, i) => outputs.indexOf(path) !== i);
    if (twice)
      throw new JobFailure(`two datasets would both become ${basename(twice)}: give them different file names`);
    await mkdir(folder, { recursive: true });
    const counts: Counts = { samplesIn: 0, samplesOut: 0 };
    for (const [i, dataset] of datasets.entries()) await convert(dataset, outputs[i]!, counts, run);
    if (counts.samplesOut === 0 && run.config.extra_configs?.allow_empty !== true) {
      throw new JobFailure(
        `none of the ${counts.samplesIn} samples of ${datasets.join(', ')} has a video; extra_configs.allow_empty: true lets that pass`,
      );
    }
    return {
      results: outputs.length === 1 ? [{ path: outputs[0]! }] : [{ paths: outputs }],
      metrics: { samples_in: counts.samplesIn, samples_out: counts.samplesOut },
    };
  },
});

function datasetsOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter(path => typeof path === 'string');
}

/** `clips.jsonl` → `<folder>/clips_ea_fmt.json` */
function outputOf(dataset: string, folder: string): string {
  return join(folder, `${basename(dataset, extname(dataset))}_ea_fmt.json`);
}

async function convert(dataset: string, output: string, counts: Counts, run: JobRun): Promise<void> {
  if (!(await stat(dataset).catch(() => null))?.isFile()) throw new JobFailure(`the dataset ${dataset} is not there`);
  const part = `${output}.partial`;
  try {
    await writeConverted(dataset, part, counts, run);
    await rename(part, output);
  } catch (error) {
    await rm(part, { force: true });
    throw error instanceof SyntaxError ? new JobFailure(error.message, { cause: error }) : error;
  }
}

async function writeConverted(dataset: string, part: string, counts: Counts, run: JobRun): Promise<void> {
  const file = createWriteStream(part);
  const ended = finished(file);
  ended.catch(() => {});
  try {
    let first = true;
    for await (const { at, value } of jsonItems(dataset)) {
      run.signal.throwIfAborted();
      counts.samplesIn += 1;
      const sample = easyAnimateSample(value, dataset, at);
      if (sample === null) continue;
      await requireVideo(String(sample.file_path), dataset, at);
      if (!file.write(`${first ? '[' : ','}\n${JSON.stringify(sample)}`))
        await Promise.race([once(file, 'drain'), ended]);
      first = false;
      counts.samplesOut += 1;
      run.progress({ phase: 'converting', step: counts.samplesIn, unit: 'sample' });
    }
    file.end(first ? '[]\n' : '\n]\n');
  } catch (error) {
    file.destroy();
    throw error;
  }
  await ended;
}

async function requireVideo(path: string, dataset: string, at: string): Promise<void> {
  if (path.includes('://')) return;
  const found = await stat(path).catch(() => null);
  if (found?.isFile() && found.size > 0) return;
  const what = found?.isFile() ? 'is empty' : 'is not there';
  throw new JobFailure(`${dataset}, ${at}: video file ${path} ${what}; put it there or drop the sample`);
}
