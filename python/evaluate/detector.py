"""A TorchScript network that turns pictures or clips into features or class probabilities."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from sentence import fail
from torchscript import check_torchscript, not_torchscript


class Detector:
    """A network of a file. It gets 8 bit RGB, [batch, 3, height, width] or [batch, 3, frames, height, width], and gives [batch, values]."""

    def __init__(self, path: Path, device: torch.device) -> None:
        self.path = path
        self.device = device
        self.network = _load(path, device)
        self.known = {argument.name for argument in self.network.forward.schema.arguments}

    def __call__(self, pictures: np.ndarray, options: dict[str, Any]) -> np.ndarray:
        """Values of a batch; of `options` those that the network's `forward` has are passed."""
        batch = torch.from_numpy(pictures).to(self.device)
        taken = {name: value for name, value in options.items() if name in self.known}
        try:
            with torch.inference_mode():
                values = self.network(batch, **taken)
        except (RuntimeError, TypeError) as error:
            fail(f"detector_path: {self.path} cannot take {_shape(pictures)}, 8 bit RGB: {_last_line(error)}")
        if not isinstance(values, torch.Tensor) or values.ndim != 2 or len(values) != len(pictures):
            got = _shape(values) if isinstance(values, torch.Tensor) else type(values).__name__
            fail(f"detector_path: {self.path} gives {got} for {_shape(pictures)}; expected one row of values each, [{len(pictures)}, …]")
        found = values.float().cpu().numpy()
        if not np.isfinite(found).all():
            fail(f"detector_path: {self.path} gives NaN or infinite values")
        return found


def _load(path: Path, device: torch.device) -> torch.jit.ScriptModule:
    check_torchscript(path)
    try:
        return torch.jit.load(path, map_location=device).eval()
    except (RuntimeError, ValueError) as error:
        fail(not_torchscript(path, _last_line(error)))


def _shape(array: Any) -> str:
    return f"[{', '.join(str(size) for size in array.shape)}]"


def _last_line(error: Exception) -> str:
    return str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
