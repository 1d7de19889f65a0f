"""The LoRA: low-rank layers that peft puts into the transformer, as one network of their own."""

from __future__ import annotations

import json
import os

import torch
from peft import LoraConfig, inject_adapter_in_model
from safetensors import safe_open
from safetensors.torch import save_file

class LoraNetwork(torch.nn.Module):
    """Trains, saves and loads the LoRA only; the transformer around it is frozen and belongs to the caller."""

    def __init__(self, transformer: torch.nn.Module, rank: int, alpha: int) -> None:
        super().__init__()
        self.rank, self.alpha = rank, alpha
        transformer.requires_grad_(False)
        # Every linear layer, as EasyAnimate's own LoRA.
        layers = [name for name, module in transformer.named_modules() if isinstance(module, torch.nn.Linear)]
        config = LoraConfig(r=rank, lora_alpha=alpha, target_modules=layers)
        inject_adapter_in_model(config, transformer)
        # Not registered as a module: the frozen weights must not get into checkpoints.
        self._transformer = [transformer]
        for name, module in transformer.named_modules():
            if name.endswith(("lora_A", "lora_B")):
                self.add_module(name.replace(".", "__"), module)

    def forward(self, *args: object, **kwargs: object) -> object:
        return self._transformer[0](*args, **kwargs)

    def save_weights(self, file: str, dtype: torch.dtype | None, metadata: dict[str, str] | None) -> None:
        """Writes a .safetensors file; it appears whole or not at all."""
        tensors = {name: tensor.detach().cpu().to(dtype or tensor.dtype) for name, tensor in self.state_dict().items()}
        partial = f"{file}.{os.getpid()}.partial"
        # One key: safetensors writes several in another order every time.
        about = {"lora": json.dumps({"rank": self.rank, "alpha": self.alpha} | (metadata or {}))}
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, partial, about)
        os.replace(partial, file)


class LoraFileError(Exception):
    """A LoRA file that does not fit; the message names the file and says why."""


def apply_lora(transformer: torch.nn.Module, file: str) -> LoraNetwork:
    """Puts a saved LoRA into the transformer."""
    try:
        with safe_open(file, framework="pt") as saved:
            shape = json.loads(saved.metadata()["lora"])
            tensors = {name: saved.get_tensor(name).float() for name in saved.keys()}
        network = LoraNetwork(transformer, shape["rank"], shape["alpha"])
        network.load_state_dict(tensors)
    except (OSError, KeyError, TypeError, RuntimeError) as error:
        raise LoraFileError(f"{file}: not a LoRA of this model ({str(error).splitlines()[0]})") from error
    except Exception as error:
        if type(error).__name__ == "SafetensorError":
            raise LoraFileError(f"{file}: not a readable safetensors file ({error})") from error
        raise
    return network
