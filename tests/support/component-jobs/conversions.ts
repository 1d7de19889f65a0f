import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateCocoMeta } from '../../../activities/convert/coco-caption-meta.ts';
import { convertCocoCaption } from '../../../activities/convert/coco-caption-to-dj.ts';
import { convertEasyAnimate } from '../../../activities/convert/easyanimate.ts';
import type { ComponentUnderTest } from '../../../activities/own/conformance/index.ts';
import { writeDatasets } from './inputs.ts';

const CAPTION = {
  image: 'train2014/1.jpg',
  conversations: [
    { from: 'human', value: '<image>' },
    { from: 'gpt', value: 'a cat' },
  ],
};

export const TO_EASYANIMATE: ComponentUnderTest = {
  component: convertEasyAnimate,
  async job(folder) {
    await mkdir(join(folder, 'videos'));
    await writeFile(join(folder, 'videos', 'a.mp4'), 'a');
    await writeDatasets(folder, { 'clips.jsonl': [{ text: '<__dj__video> a street', videos: ['videos/a.mp4'] }] });
    return { extra_configs: { type: convertEasyAnimate.type!, dataset_path: 'clips.jsonl', export_path: 'ea' } };
  },
};

export const COCO_CAPTIONS: ComponentUnderTest[] = [
  {
    component: convertCocoCaption,
    async job(folder) {
      await writeDatasets(folder, { 'coco.jsonl': [CAPTION] });
      return { extra_configs: { type: convertCocoCaption.type!, dataset_path: 'coco.jsonl', export_path: 'dj' } };
    },
  },
  {
    component: generateCocoMeta,
    async job(folder) {
      await writeDatasets(folder, { 'coco.jsonl': [CAPTION] });
      const paths = { dataset_path: 'coco.jsonl', export_path: 'meta', data_root_path: '.' };
      return { extra_configs: { type: generateCocoMeta.type!, ...paths } };
    },
  },
];
