"""A network that tells on which of two interleaved arms a point of the plane lies, and the rows that it is taught and tested with."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from torch import Tensor, nn


def network(hidden: int) -> nn.Module:
    return nn.Sequential(nn.Linear(2, hidden), nn.Tanh(), nn.Linear(hidden, hidden), nn.Tanh(), nn.Linear(hidden, 1))


def read_points(path: Path) -> tuple[Tensor, Tensor]:
    """Points (n, 2) and labels (n, 1), 0 or 1, of rows {"x", "y", "label"}."""
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    points = torch.tensor([[row["x"], row["y"]] for row in rows])
    return points, torch.tensor([[float(row["label"])] for row in rows])
