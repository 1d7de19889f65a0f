"""Scores every video of a folder with no-reference measures that need no model weights but BRISQUE's, on a CPU.

    python video_quality.py --videos_path DIR --output FILE [--metrics brisque sharpness …] [--frames 16]

Writes FILE atomically: {"means": {metric: number | null}, "metrics": {metric: {better, unit, source}}, "videos": [{video, …}]}.
"""

import argparse
import json
import math
import os
from pathlib import Path

import numpy as np
from tqdm import tqdm

from brisque_score import SMALLEST_SIDE
from frame_metrics import METRICS
from videos import check_videos, count_frames, frames, video_files

SUFFIXES = (".mp4", ".gif", ".avi", ".mov", ".mkv", ".webm")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--videos_path", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--metrics", nargs="+", choices=list(METRICS), default=list(METRICS))
    parser.add_argument("--frames", type=int, default=16, help="frames looked at in each video, evenly spread")
    arguments = parser.parse_args()

    paths = video_files(arguments.videos_path, SUFFIXES)
    check_videos(paths)
    videos = [score(path, arguments.metrics, arguments.frames) for path in tqdm(paths, unit="video")]
    write_atomically(
        arguments.output,
        {
            "means": {name: mean([video[name] for video in videos]) for name in arguments.metrics},
            "metrics": {name: describe(name) for name in arguments.metrics},
            "videos": videos,
            "notes": notes(videos),
        },
    )


def score(path: Path, metrics: list[str], wanted: int) -> dict:
    """Mean of each measure over `wanted` frames (or neighbouring pairs) of one video; None where none is defined."""
    count = count_frames(path)
    single = [name for name in metrics if METRICS[name].frame]
    paired = [name for name in metrics if METRICS[name].pair]
    at_frames, at_pairs = spread(count, wanted), spread(count - 1, wanted)
    values: dict[str, list[float | None]] = {name: [] for name in metrics}
    before = None
    for index, frame in enumerate(frames(path)):
        if index in at_frames:
            for name in single:
                values[name].append(METRICS[name].frame(frame))
        if index - 1 in at_pairs:
            for name in paired:
                values[name].append(METRICS[name].pair(before, frame))
        before = frame
    height, width = before.shape[:2]
    return {
        "video": str(path),
        "frames": count,
        "width": width,
        "height": height,
        **{name: mean(values[name]) for name in metrics},
    }


def spread(count: int, wanted: int) -> set[int]:
    """At most `wanted` indices below `count`, evenly spread, the first and the last among them."""
    return set(np.linspace(0, count - 1, min(wanted, count)).round().astype(int).tolist()) if count > 0 else set()


def mean(values: list[float | None]) -> float | None:
    """Mean of those that are defined."""
    defined = [value for value in values if value is not None and math.isfinite(value)]
    return sum(defined) / len(defined) if defined else None


def describe(name: str) -> dict[str, str]:
    metric = METRICS[name]
    return {"better": metric.better, "unit": metric.unit, "source": metric.source}


def notes(videos: list[dict]) -> list[str]:
    """What a reader must know to compare these numbers with others."""
    found = []
    tiny = sum(1 for video in videos if "brisque" in video and min(video["width"], video["height"]) < SMALLEST_SIDE)
    if tiny:
        found.append(
            f"brisque: frames of {tiny} of {len(videos)} videos were enlarged bicubically to {SMALLEST_SIDE} pixels on their shorter "
            "side; compare it only with videos of the same size"
        )
    flat = sum(1 for video in videos if "brisque" in video and video["brisque"] is None)
    if flat:
        found.append(f"brisque: undefined for {flat} of {len(videos)} videos, whose frames are flat; left out of its mean")
    still = sum(1 for video in videos if video["frames"] < 2)
    if still:
        found.append(f"motion, temporal_flicker: undefined for {still} of {len(videos)} videos, which have one frame; left out")
    return found


def write_atomically(path: Path, content: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    part.replace(path)


if __name__ == "__main__":
    main()
