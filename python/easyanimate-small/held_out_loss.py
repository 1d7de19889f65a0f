"""The training objective of the small EasyAnimate model on clips that it was not trained on: the loss of train_lora.py.

Frames, times and noise depend on the seed and the clip's place only, so that the losses of two models compare, clip by clip. Writes FILE:
{"loss", "standard_error", "samples", "timesteps", "device", "each": [{"text", "loss"}, …]}, and with --compare_with_base also {"base_loss",
"gain", "gain_standard_error"} and "base_loss" of each.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import random
import statistics
import sys
from pathlib import Path

import torch
from small.dataset import DatasetError, VideoDataset
from small.flow import flow_loss
from small.lora import LoraFileError, apply_lora
from small.model import TEXT_DIM, BaseModel, ModelError, load_base_model
from small.text import encode_texts
from small.train_flags import add_sample_flags
from tqdm import tqdm

DTYPES = {"fp16": torch.float16, "bf16": torch.bfloat16}


def parse_flags() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measures the training loss of the small EasyAnimate model on held-out clips.")
    add = parser.add_argument
    add_sample_flags(parser)
    add("--lora_path", help="a LoRA that train_lora.py made; none: the base model")
    add("--seed", type=int, default=0)
    add("--timesteps", type=int, default=8, help="times at which each clip is looked at, spread over 0 to 1")
    add("--compare_with_base", action="store_true", help="the base model's loss as well, at the same times and noise")
    add("--output", type=Path, required=True)
    return parser.parse_args()


def main() -> None:
    args = parse_flags()
    # The number of threads changes the last bits of sums.
    torch.set_num_threads(1)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    dataset = VideoDataset(args.train_data_meta, args.train_data_dir, args.sample_size, args.sample_n_frames, args.sample_stride)
    model = load_base_model(args.pretrained_model_name_or_path, args.transformer_path or None)
    model.codec.to(device)
    with tqdm(total=len(dataset) * (1 + args.compare_with_base)) as bar:
        base = losses(model, dataset, args, device, bar) if args.compare_with_base else None
        if args.lora_path:
            apply_lora(model.transformer, args.lora_path)
        own = losses(model, dataset, args, device, bar)
    texts = [dataset.samples[number][1] for number in range(len(dataset))]
    result = {
        "loss": statistics.fmean(own),
        "standard_error": standard_error(own),
        "samples": len(own),
        "timesteps": args.timesteps,
        "device": device.type,
        "each": [{"text": text, "loss": loss} for text, loss in zip(texts, own)],
    }
    if base is not None:
        gains = [before - after for before, after in zip(base, own)]
        result.update(base_loss=statistics.fmean(base), gain=statistics.fmean(gains), gain_standard_error=standard_error(gains))
        for each, before in zip(result["each"], base):
            each["base_loss"] = before
    part = args.output.with_name(f".{args.output.name}.{os.getpid()}")
    part.write_text(json.dumps(result, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    part.replace(args.output)


@torch.no_grad()
def losses(model: BaseModel, dataset: VideoDataset, args: argparse.Namespace, device: torch.device, bar: tqdm) -> list[float]:
    """The mean loss of each clip over the times."""
    model.transformer.to(device).eval()
    dtype = DTYPES.get(args.mixed_precision)
    found = []
    for number in range(len(dataset)):
        # What training draws at random is drawn the same for each model: where in the video it starts, then times and noise.
        seed = seed_of(args.seed, number)
        random.seed(seed)
        sample = dataset[number]
        latents = model.codec.encode(sample["pixel_values"][None].to(device)).repeat(args.timesteps, 1, 1, 1, 1)
        text = encode_texts([sample["text"]], TEXT_DIM).to(device).repeat(args.timesteps, 1, 1)
        torch.manual_seed(seed)
        with torch.autocast(device.type, dtype, enabled=dtype is not None):
            loss = flow_loss(model.transformer, latents, text).item()
        if not math.isfinite(loss):
            fail(f"{args.train_data_meta}, sample {number}: the loss is {loss}")
        found.append(loss)
        bar.update(1)
    return found


def seed_of(seed: int, number: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}/{number}".encode()).digest()[:4], "little")


def standard_error(values: list[float]) -> float | None:
    """Of the mean; None of a single value."""
    return statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else None


def fail(message: str) -> None:
    sys.exit(f"dj-sandbox: error: {message}")


if __name__ == "__main__":
    try:
        main()
    except (DatasetError, ModelError, LoraFileError) as error:
        fail(str(error))
