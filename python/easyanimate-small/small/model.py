"""The base model: a folder with the transformer, the codec and what they were made for."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import EasyAnimateTransformer3DModel
from safetensors.torch import load_file, save_file

from .codec import Codec

TEXT_DIM = 64
CHANNELS = 48
# 1.7 million parameters: 0.1 s for a training step of 16 videos on two cores.
TRANSFORMER = {
    "num_attention_heads": 4,
    "attention_head_dim": 32,
    "in_channels": CHANNELS,
    "out_channels": CHANNELS,
    "patch_size": 1,
    "num_layers": 3,
    "mmdit_layers": 2,
    "time_embed_dim": 128,
    "text_embed_dim": TEXT_DIM,
}


class ModelError(Exception):
    """A model that cannot be used; the message names the path and says why."""


@dataclass
class BaseModel:
    """Latents are what `codec` makes of pixels; `transformer` works on latents."""

    transformer: EasyAnimateTransformer3DModel
    codec: Codec
    # Sizes that it was trained at: `size` (pixels), `n_frames`; and how: `steps`, `seed`, `loss`.
    info: dict


def new_transformer() -> EasyAnimateTransformer3DModel:
    """Random weights, from the global random generator."""
    return EasyAnimateTransformer3DModel(**TRANSFORMER)


def save_base_model(model: BaseModel, folder: str | Path) -> None:
    """The folder appears whole or not at all, in place of an older one."""
    folder = Path(folder)
    partial = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    model.transformer.save_pretrained(partial / "transformer")
    (partial / "vae").mkdir()
    save_file(model.codec.state_dict(), partial / "vae" / "codec.safetensors")
    (partial / "model_index.json").write_text(json.dumps(model.info, indent=2) + "\n")
    if folder.exists():
        shutil.rmtree(folder)
    os.replace(partial, folder)


def load_base_model(folder: str, transformer_path: str | None = None) -> BaseModel:
    """A saved base model; `transformer_path` is a .safetensors file with other weights for the transformer."""
    index = Path(folder) / "model_index.json"
    if not index.is_file():
        raise ModelError(f"{folder}: no base model here (model_index.json is missing); make one with make_base_model.py")
    transformer = EasyAnimateTransformer3DModel.from_pretrained(Path(folder) / "transformer", low_cpu_mem_usage=False)
    if transformer_path:
        try:
            transformer.load_state_dict(load_file(transformer_path))
        except (OSError, RuntimeError) as error:
            raise ModelError(f"{transformer_path}: not weights of this transformer ({error})") from error
    tensors = load_file(Path(folder) / "vae" / "codec.safetensors")
    codec = Codec(tensors["scale"].numel())
    codec.load_state_dict(tensors)
    return BaseModel(transformer, codec, json.loads(index.read_text()))
