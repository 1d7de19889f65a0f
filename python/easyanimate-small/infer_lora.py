"""Makes videos of prompts, with a LoRA or without: the flags and files of the infer_lora.py that the sandbox adds to EasyAnimate.

Writes `<prompt>-<i>.mp4`, as VBench expects them. A video that is there already is not made again; each depends on its prompt, its number
and the seed only.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

import torch
from small.lora import LoraFileError, apply_lora
from small.model import ModelError, load_base_model
from small.sampling import generate
from small.video_file import write_video
from tqdm import tqdm

FPS = 12
DTYPES = {"fp16": torch.float16, "bf16": torch.bfloat16}


def parse_flags() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Makes videos of prompts with the small EasyAnimate model.")
    add = parser.add_argument
    add("--prompt_info_path", required=True, help="JSON list of {prompt_en: …}")
    add("--pretrained_model_name_or_path", required=True, help="folder that make_base_model.py made")
    add("--transformer_path", help="other weights for the transformer (.safetensors)")
    add("--lora_path", help="a LoRA that train_lora.py made; none or empty: the base model")
    add("--save_path", required=True, help="folder for the videos")
    add("--image_size", type=int, help="side of the pictures in pixels, a multiple of 16; default: the base model's")
    add("--batch_size", type=int, default=8)
    add("--video_num_per_prompt", type=int, default=3)
    add("--seed", type=int, default=0)
    add("--mixed_precision", choices=["no", "fp16", "bf16"])
    add("--chunks_num", type=int, default=1, help="split the prompts into so many chunks")
    add("--chunk_id", type=int, default=0, help="make the videos of this chunk, from 0")
    # Taken so that a command line for the real home fits; a model of this size has no use for them.
    for flag in ("config_path", "sampler_name", "vae_path"):
        add(f"--{flag}", help=argparse.SUPPRESS)
    return parser.parse_args()


def read_prompts(file: str) -> list[str]:
    """The prompts of a VBench-style list; raises SystemExit with one line where it is none."""
    try:
        prompts = [entry["prompt_en"] for entry in json.loads(Path(file).read_text(encoding="utf-8"))]
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.exit(f"PromptError: {file}: not a JSON list of {{prompt_en: …}} ({type(error).__name__}: {error})")
    for prompt in prompts:
        if "/" in prompt or len(prompt.encode()) > 240:
            sys.exit(f"PromptError: {file}: a prompt names its video's file, so it has no / and at most 240 bytes: {prompt!r}")
    return prompts


def chunk_of(prompts: list[str], chunk_id: int, chunks_num: int) -> list[str]:
    """The chunk's part, the chunks as even as the original's: all but the last ones are full."""
    size = -(-len(prompts) // chunks_num)
    return prompts[chunk_id * size : (chunk_id + 1) * size]


def main() -> None:
    args = parse_flags()
    prompts = chunk_of(read_prompts(args.prompt_info_path), args.chunk_id, args.chunks_num)
    folder = Path(args.save_path)
    folder.mkdir(parents=True, exist_ok=True)

    # The number of threads changes the last bits of sums, and so the videos' bytes.
    torch.set_num_threads(1)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = load_base_model(args.pretrained_model_name_or_path, args.transformer_path or None)
    if args.lora_path:
        apply_lora(model.transformer, args.lora_path)
    model.transformer.to(device).eval()
    model.codec.to(device)
    size = args.image_size or model.info["size"]
    dtype = DTYPES.get(args.mixed_precision)

    batches = [prompts[start : start + args.batch_size] for start in range(0, len(prompts), args.batch_size)]
    for batch in tqdm(batches):
        for number in range(args.video_num_per_prompt):
            missing = [prompt for prompt in batch if not (folder / f"{prompt}-{number}.mp4").exists()]
            if not missing:
                continue
            # The whole batch even so: a batch of another size gives other last bits.
            with torch.autocast(device.type, dtype, enabled=dtype is not None):
                videos = generate(model, batch, number, args.seed, size, model.info["n_frames"])
            for prompt, frames in zip(batch, videos):
                if prompt in missing:
                    write_video(folder / f"{prompt}-{number}.mp4", frames, FPS)


if __name__ == "__main__":
    try:
        main()
    except (ModelError, LoraFileError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
