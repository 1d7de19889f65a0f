"""The training data: a JSON list, or JSON lines, of Data-Juicer samples with `videos` (or `file_path`) and `text`."""

from __future__ import annotations

import json
import os
import random
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import Dataset

from .video_file import VideoFileError, read_frames

# Data-Juicer's own marks in captions.
MARKS = ("<__dj__video>", "<|__dj__eoc|>")
# Clips kept decoded: a few hundred short clips at this model's size are some hundred megabytes.
KEPT_CLIPS = 256


class DatasetError(Exception):
    """Training data that cannot be used; the message is one line that names the file and the sample."""


class VideoDataset(Dataset):
    """Clips of `n_frames` frames, every `stride`-th from a random start, with their captions.

    Every video is read once when the dataset is made, so that a bad one is found before training and not in the middle of it.
    """

    def __init__(self, meta: str, folder: str | None, size: int, n_frames: int, stride: int) -> None:
        self.meta, self.size, self.n_frames, self.stride = meta, size, n_frames, stride
        self.samples = [self._locate(number, sample, folder) for number, sample in enumerate(read_samples(meta))]
        if not self.samples:
            raise DatasetError(f"{meta}: has no samples")
        self._frames = lru_cache(maxsize=KEPT_CLIPS)(self._read)
        for number in range(len(self.samples)):
            self._frames(number)

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, number: int) -> dict:
        frames = self._frames(number)
        length = min(len(frames), (self.n_frames - 1) * self.stride + 1)
        start = random.randint(0, len(frames) - length)
        picked = frames[np.linspace(start, start + length - 1, self.n_frames, dtype=int)]
        pixels = torch.from_numpy(picked).permute(0, 3, 1, 2).float() / 127.5 - 1
        return {"pixel_values": pixels, "text": self.samples[number][1]}

    def _locate(self, number: int, sample: object, folder: str | None) -> tuple[str, str]:
        video = (sample.get("videos") or sample.get("file_path")) if isinstance(sample, dict) else None
        if isinstance(video, list):
            video = video[0]
        if not isinstance(video, str):
            raise DatasetError(f"{self.meta}, sample {number}: names no video in `videos` or `file_path`")
        if not os.path.isabs(video) and not os.path.exists(video):
            video = os.path.join(folder or os.path.dirname(self.meta), video)
        return video, clean_caption(str(sample.get("text", "")))

    def _read(self, number: int) -> np.ndarray:
        try:
            return read_frames(self.samples[number][0], self.size)
        except VideoFileError as error:
            raise DatasetError(f"{self.meta}, sample {number}: {error}") from error


def clean_caption(text: str) -> str:
    """The caption without Data-Juicer's marks."""
    for mark in MARKS:
        text = text.replace(mark, "")
    return text.strip()


def read_samples(meta: str) -> list:
    """The samples of a .json (a list) or .jsonl file."""
    try:
        text = Path(meta).read_text(encoding="utf-8")
        if meta.lower().endswith("jsonl"):
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        samples = json.loads(text)
    except (OSError, ValueError) as error:
        raise DatasetError(f"{meta}: cannot be read as a dataset ({error})") from error
    if not isinstance(samples, list):
        raise DatasetError(f"{meta}: must be a JSON list of samples")
    return samples
