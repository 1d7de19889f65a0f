import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

interface Weights {
  /** Path below VBENCH_CACHE_DIR. */
  path: string;
  url: string;
  /** VBench looks there only with `load_ckpt_from_local: true`. */
  local?: true;
}

const HUB = 'https://huggingface.co';
const CLIP = 'https://openaipublic.azureedge.net/clip/models';

const VIT_B: Weights = {
  path: 'clip_model/ViT-B-32.pt',
  url: `${CLIP}/40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af/ViT-B-32.pt`,
  local: true,
};
const GRIT: Weights = {
  path: 'grit_model/grit_b_densecap_objectdet.pth',
  url: 'https://datarelease.blob.core.windows.net/grit/models/grit_b_densecap_objectdet.pth',
};
const VICLIP: Weights[] = [
  {
    path: 'ViCLIP/ViClip-InternVid-10M-FLT.pth',
    url: `${HUB}/OpenGVLab/VBench_Used_Models/resolve/main/ViClip-InternVid-10M-FLT.pth`,
  },
  {
    path: 'ViCLIP/bpe_simple_vocab_16e6.txt.gz',
    url: 'https://raw.githubusercontent.com/openai/CLIP/main/clip/bpe_simple_vocab_16e6.txt.gz',
  },
];

/** Files that each dimension of VBench 0.1.5 downloads when they are not there (its utils.py). */
const WEIGHTS: Record<string, Weights[]> = {
  subject_consistency: [
    { path: 'dino_model/facebookresearch_dino_main', url: 'https://github.com/facebookresearch/dino', local: true },
    {
      path: 'dino_model/dino_vitbase16_pretrain.pth',
      url: 'https://dl.fbaipublicfiles.com/dino/dino_vitbase16_pretrain/dino_vitbase16_pretrain.pth',
      local: true,
    },
  ],
  background_consistency: [VIT_B],
  temporal_flickering: [],
  motion_smoothness: [{ path: 'amt_model/amt-s.pth', url: `${HUB}/lalala125/AMT/resolve/main/amt-s.pth` }],
  dynamic_degree: [
    {
      path: 'raft_model/models/raft-things.pth',
      url: 'https://dl.dropboxusercontent.com/s/4j4z58wuv8o0mfz/models.zip',
    },
  ],
  aesthetic_quality: [
    {
      path: 'clip_model/ViT-L-14.pt',
      url: `${CLIP}/b8cca3fd41ae0c99ba7e8951adf17d267cdb84cd88be6f7c2e0eca1737a03836/ViT-L-14.pt`,
      local: true,
    },
    {
      path: 'aesthetic_model/emb_reader/sa_0_4_vit_l_14_linear.pth',
      url: 'https://github.com/LAION-AI/aesthetic-predictor/blob/main/sa_0_4_vit_l_14_linear.pth?raw=true',
    },
  ],
  imaging_quality: [
    {
      path: 'pyiqa_model/musiq_spaq_ckpt-358bb6af.pth',
      url: 'https://github.com/chaofengc/IQA-PyTorch/releases/download/v0.1-weights/musiq_spaq_ckpt-358bb6af.pth',
    },
  ],
  object_class: [GRIT],
  multiple_objects: [GRIT],
  color: [GRIT],
  spatial_relationship: [GRIT],
  human_action: [
    {
      path: 'umt_model/l16_ptk710_ftk710_ftk400_f16_res224.pth',
      url: `${HUB}/OpenGVLab/VBench_Used_Models/resolve/main/l16_ptk710_ftk710_ftk400_f16_res224.pth`,
    },
  ],
  scene: [
    {
      path: 'caption_model/tag2text_swin_14m.pth',
      url: `${HUB}/spaces/xinyu1205/recognize-anything/resolve/main/tag2text_swin_14m.pth`,
    },
  ],
  appearance_style: [VIT_B],
  temporal_style: VICLIP,
  overall_consistency: VICLIP,
};

/** Where VBench keeps model weights: VBENCH_CACHE_DIR, else ~/.cache/vbench. */
export function vbenchCache(): string {
  return process.env.VBENCH_CACHE_DIR ?? join(homedir(), '.cache', 'vbench');
}

/** What to fetch and where to put it so that a dimension finds its weights without a network; '' where everything is there. */
export function weightsAdvice(dimension: string): string {
  const missing = (WEIGHTS[dimension] ?? []).filter(({ path }) => !existsSync(join(vbenchCache(), path)));
  if (missing.length === 0) return '';
  const files = missing.map(({ path, url }) => `${url} as ${join(vbenchCache(), path)}`);
  const archive = missing.some(({ url }) => url.endsWith('.zip')) ? ' (unpacked from the archive)' : '';
  const local = missing.some(weights => weights.local) ? ', and set load_ckpt_from_local: true' : '';
  return `put on this host ${files.join(', ')}${archive}${local}; VBENCH_CACHE_DIR names another folder than ${vbenchCache()}`;
}
