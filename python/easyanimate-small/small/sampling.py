"""Videos from prompts."""

from __future__ import annotations

import hashlib

import numpy as np
import torch

from .codec import FRAMES, SIDE
from .flow import sample
from .model import TEXT_DIM, BaseModel
from .text import encode_texts

# A flow as plain as this one needs few; more change nothing that can be seen.
STEPS = 20


def noise_for(prompt: str, number: int, seed: int, shape: tuple[int, ...]) -> torch.Tensor:
    """The noise that a video starts from depends on its prompt, its number and the seed, not on what was made before it."""
    digest = hashlib.sha256(f"{seed}\0{prompt}\0{number}".encode()).digest()
    return torch.randn(shape, generator=torch.Generator().manual_seed(int.from_bytes(digest[:7], "little")))


def generate(model: BaseModel, prompts: list[str], number: int, seed: int, size: int, n_frames: int) -> np.ndarray:
    """The `number`-th video of each prompt: uint8 [prompts, frames, size, size, 3]."""
    device = next(model.transformer.parameters()).device
    shape = (model.codec.scale.numel(), n_frames // FRAMES, size // SIDE, size // SIDE)
    noise = torch.stack([noise_for(prompt, number, seed, shape) for prompt in prompts]).to(device)
    latents = sample(model.transformer, noise, encode_texts(prompts, TEXT_DIM).to(device), STEPS)
    pixels = model.codec.decode(latents).add(1).mul(127.5).round().byte()
    return pixels.permute(0, 1, 3, 4, 2).cpu().numpy()
