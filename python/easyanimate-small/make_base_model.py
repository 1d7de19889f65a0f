"""Makes the base model that the small EasyAnimate home trains LoRAs for.

    python make_base_model.py --clips clips.jsonl --out FOLDER [--steps 400] [--seed 1]

A short training on raw clips, so that generated videos show something and a LoRA has something to make better. The same clips,
steps and seed give the same weights; on two cores the default takes about 40 seconds. FOLDER appears when all is done.
"""

from __future__ import annotations

import argparse
import random
import sys

import torch
from small.codec import Codec
from small.dataset import DatasetError, VideoDataset
from small.flow import flow_loss
from small.model import CHANNELS, TEXT_DIM, BaseModel, new_transformer, save_base_model
from small.text import encode_texts
from tqdm import tqdm

SIZE, FRAMES = 64, 16
# Parts of each clip, from different starts, that it is shown.
VIEWS = 4
BATCH, LEARNING_RATE = 16, 3e-3


def make(clips: str, steps: int, seed: int) -> BaseModel:
    """Trains for `steps` steps."""
    random.seed(seed)
    torch.manual_seed(seed)
    dataset = VideoDataset(clips, None, SIZE, FRAMES, 1)
    samples = [dataset[number] for number in range(len(dataset)) for _ in range(VIEWS)]
    videos = torch.stack([sample["pixel_values"] for sample in samples])
    text = encode_texts([sample["text"] for sample in samples], TEXT_DIM)
    codec = Codec.fit(videos, CHANNELS)
    latents = codec.encode(videos)

    transformer = new_transformer()
    optimizer = torch.optim.AdamW(transformer.parameters(), lr=LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=max(steps, 2), pct_start=0.1)
    losses: list[float] = []
    for _ in (bar := tqdm(range(steps), desc="Steps")):
        picked = torch.randint(len(latents), (BATCH,))
        loss = flow_loss(transformer, latents[picked], text[picked])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(transformer.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
        losses.append(loss.item())
        bar.set_postfix(step_loss=losses[-1], refresh=False)
    last = losses[-max(1, steps // 10) :]
    info = {"size": SIZE, "n_frames": FRAMES, "steps": steps, "seed": seed, "loss": sum(last) / len(last)}
    return BaseModel(transformer, codec, info)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", required=True, help="JSON lines of Data-Juicer samples with videos and text")
    parser.add_argument("--out", required=True, help="folder to make")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    if args.steps < 1:
        parser.error("--steps must be at least 1")
    # The number of threads changes the last bits of sums, and so the weights.
    torch.set_num_threads(2)
    try:
        model = make(args.clips, args.steps, args.seed)
    except DatasetError as error:
        sys.exit(f"{type(error).__name__}: {error}")
    save_base_model(model, args.out)
    print(f"base model: {args.out}, loss {model.info['loss']:.3f}")


if __name__ == "__main__":
    main()
