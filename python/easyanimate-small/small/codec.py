"""Stands where EasyAnimate has its video autoencoder: principal components of small blocks of video."""

from __future__ import annotations

import torch

FRAMES, SIDE = 4, 16
BLOCK = FRAMES * SIDE * SIDE * 3


def _blocks(video: torch.Tensor) -> torch.Tensor:
    """[batch, frames, 3, height, width] → [batch, frames/4, height/16, width/16, values of a block]."""
    batch, frames, channels, height, width = video.shape
    if frames % FRAMES or height % SIDE or width % SIDE:
        raise ValueError(f"frames must be a multiple of {FRAMES} and size of {SIDE}, not {frames} and {height}x{width}")
    video = video.reshape(batch, frames // FRAMES, FRAMES, channels, height // SIDE, SIDE, width // SIDE, SIDE)
    return video.permute(0, 1, 4, 6, 2, 3, 5, 7).reshape(batch, frames // FRAMES, height // SIDE, width // SIDE, BLOCK)


class Codec(torch.nn.Module):
    """Linear and fixed: `encode` keeps the `channels` strongest components of each block, `decode` is its transpose."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(BLOCK))
        self.register_buffer("basis", torch.zeros(BLOCK, channels))
        self.register_buffer("scale", torch.ones(channels))

    @classmethod
    def fit(cls, videos: torch.Tensor, channels: int) -> Codec:
        """From [n, frames, 3, height, width] in −1…1."""
        codec = cls(channels)
        blocks = _blocks(videos).reshape(-1, BLOCK).double()
        codec.mean.copy_(blocks.mean(0))
        values, vectors = torch.linalg.eigh(torch.cov(blocks.T))
        codec.basis.copy_(vectors[:, -channels:].flip(1))
        # Between no whitening (detail is never learnt) and full whitening (detail counts as much as the picture).
        codec.scale.copy_(values[-channels:].flip(0).clamp(min=1e-8).pow(0.35))
        codec.scale.div_((codec.encode(videos).std()) ** -1)
        return codec

    def encode(self, video: torch.Tensor) -> torch.Tensor:
        """[batch, frames, 3, height, width] in −1…1 → [batch, channels, frames/4, height/16, width/16]."""
        latents = (_blocks(video) - self.mean) @ self.basis / self.scale
        return latents.permute(0, 4, 1, 2, 3)

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """The inverse of `encode`, as near as the kept components allow."""
        batch, _, frames, height, width = latents.shape
        blocks = (latents.permute(0, 2, 3, 4, 1) * self.scale) @ self.basis.T + self.mean
        blocks = blocks.reshape(batch, frames, height, width, FRAMES, 3, SIDE, SIDE).permute(0, 1, 4, 5, 2, 6, 3, 7)
        return blocks.reshape(batch, frames * FRAMES, 3, height * SIDE, width * SIDE).clamp(-1, 1)
