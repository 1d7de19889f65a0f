"""Frames and clips of a dataset's videos: which are drawn, and the features of each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from samples import samples
from sentence import fail
from videos import BadVideo, count_frames, frames

MOST_NAMED = 3
BATCH = 64

Encode = Callable[[np.ndarray], np.ndarray]


@dataclass
class Video:
    path: Path
    frames: int


def videos_of(dataset: Path, folder: Path | None, key: str = "videos") -> list[Video]:
    """All videos that a dataset's samples list, with their counts of frames; ends the program where one cannot be read in full."""
    paths = [path for place, sample in samples(dataset) for path in _paths(sample, key, dataset, place, folder)]
    if not paths:
        fail(f'{dataset} holds no video: none of its samples lists one in "{key}"')
    counted: dict[Path, int] = {}
    problems = []
    for path in dict.fromkeys(paths):
        try:
            counted[path] = _count(path)
        except BadVideo as error:
            problems.append(str(error))
    if problems:
        fail(f"{len(problems)} of the {len(set(paths))} videos of {dataset} cannot be read: {_some(problems)}")
    return [Video(path, counted[path]) for path in paths]


def _paths(sample: object, key: str, dataset: Path, place: str, folder: Path | None) -> list[Path]:
    listed = sample.get(key) if isinstance(sample, dict) else None
    if not isinstance(listed, list) or not all(isinstance(path, str) for path in listed):
        fail(f'{dataset}, {place}: expected "{key}" to be a list of paths')
    return [(folder or dataset.parent) / path for path in listed]


def _count(path: Path) -> int:
    if not path.is_file():
        raise BadVideo(f"{path} is not there")
    return count_frames(path)


@dataclass(frozen=True)
class Clip:
    """Shape of a clip: so many frames, each `spacing` after the one before."""

    length: int
    spacing: int = 1

    @property
    def span(self) -> int:
        return (self.length - 1) * self.spacing + 1


class Source:
    """Features of one dataset's videos under one encoder; what was looked at once is remembered."""

    def __init__(self, videos: list[Video], size: tuple[int, int], encode: Encode) -> None:
        self.videos = videos
        self.size = size
        self.encode = encode
        self._known: dict[tuple[Clip, int, int], np.ndarray] = {}

    def clips(self, clip: Clip, draws: int, random: np.random.Generator) -> np.ndarray:
        """[draws, features]: every video in turn in a shuffled order, each time from a random first frame."""
        short = [f"{video.path.name} has {video.frames}" for video in self.videos if video.frames < clip.span]
        if short:
            fail(f"{len(short)} of {len(self.videos)} videos have fewer than the {clip.span} frames of a clip: {_some(short)}")
        rounds = -(-draws // len(self.videos))
        order = np.concatenate([random.permutation(len(self.videos)) for _ in range(rounds)])[:draws]
        drawn = [(int(index), int(random.integers(self.videos[index].frames - clip.span + 1))) for index in order]
        return self._features(clip, drawn)

    def frames(self, most: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """[frames, features] of all frames, or of `most` at random, and their weights: one video weighs as much as another."""
        every = [(index, frame) for index, video in enumerate(self.videos) for frame in range(video.frames)]
        chosen = np.sort(random.choice(len(every), most, replace=False)) if len(every) > most else range(len(every))
        drawn = [every[number] for number in chosen]
        return self._features(Clip(1), drawn), np.array([1 / self.videos[index].frames for index, _ in drawn])

    def _features(self, clip: Clip, drawn: list[tuple[int, int]]) -> np.ndarray:
        unknown: dict[int, set[int]] = {}
        for index, start in drawn:
            if (clip, index, start) not in self._known:
                unknown.setdefault(index, set()).add(start)
        batch: list[tuple[int, int, np.ndarray]] = []
        for index, starts in tqdm(sorted(unknown.items()), unit="video"):
            pictures = np.stack(list(pictures_of(self.videos[index].path, self.size)), axis=1)
            for start in sorted(starts):
                batch.append((index, start, pictures[:, start : start + clip.span : clip.spacing]))
                if len(batch) * clip.length >= BATCH:
                    self._look(clip, batch)
        self._look(clip, batch)
        return np.stack([self._known[clip, index, start] for index, start in drawn])

    def _look(self, clip: Clip, batch: list[tuple[int, int, np.ndarray]]) -> None:
        if not batch:
            return
        clips = np.stack([pictures for _, _, pictures in batch])
        rows = self.encode(clips[:, :, 0] if clip.length == 1 else clips)
        for (index, start, _), row in zip(batch, rows):
            self._known[clip, index, start] = row
        batch.clear()


def pictures_of(path: Path, size: tuple[int, int]) -> Iterator[np.ndarray]:
    """A video's frames as [3, height, width], RGB, 8 bit, resized bilinearly."""
    height, width = size
    for frame in frames(path):
        yield cv2.cvtColor(cv2.resize(frame, (width, height)), cv2.COLOR_BGR2RGB).transpose(2, 0, 1)


def _some(problems: list[str]) -> str:
    more = f"; and {len(problems) - MOST_NAMED} more" if len(problems) > MOST_NAMED else ""
    return f"{'; '.join(problems[:MOST_NAMED])}{more}"
