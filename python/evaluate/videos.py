"""Reading videos for the evaluators: every frame counts, and a file that cannot be read in full is an error with its name."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from sentence import fail

MOST_NAMED = 3


class BadVideo(Exception):
    """A file that is not a video, or less of one than its header promises."""


def video_files(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    """Videos of a folder in the order of their names, without hidden files and subfolders."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in suffixes and not path.name.startswith("."))


def frames(path: Path) -> Iterator[np.ndarray]:
    """All frames of a video, BGR, 8 bit.

    Raises BadVideo where the file does not open, holds no frame, or ends early. A header may promise a frame or two that an edit
    list hides, so that only a larger gap is taken as a truncated file.
    """
    capture = cv2.VideoCapture(str(path))
    try:
        promised = int(capture.get(cv2.CAP_PROP_FRAME_COUNT)) if capture.isOpened() else 0
        seen = 0
        while True:
            there, frame = capture.read()
            if not there:
                break
            seen += 1
            yield frame
    finally:
        capture.release()
    if seen == 0:
        raise BadVideo(f"{path.name} is no video: not one frame of its {path.stat().st_size} bytes could be decoded")
    if promised - seen > max(1, promised // 50):
        raise BadVideo(f"{path.name} is truncated: of {promised} frames that its header promises {seen} could be decoded")


def count_frames(path: Path) -> int:
    """Number of frames that can be decoded; raises BadVideo."""
    return sum(1 for _ in frames(path))


def check_videos(paths: list[Path]) -> None:
    """Ends the program with the names of videos that cannot be read in full, if there are any."""
    problems = []
    for path in paths:
        try:
            count_frames(path)
        except BadVideo as error:
            problems.append(str(error))
    if problems:
        more = f"; and {len(problems) - MOST_NAMED} more" if len(problems) > MOST_NAMED else ""
        fail(f"{len(problems)} of {len(paths)} videos cannot be scored: {'; '.join(problems[:MOST_NAMED])}{more}")
