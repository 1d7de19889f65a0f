"""Whether a video file is whole, found out quickly: some ops give a truncated or foreign file a score instead of an error."""

from __future__ import annotations

import os
import struct
from functools import lru_cache


class BadMedia(Exception):
    """A media file that cannot be used; the message names it and says why."""


@lru_cache(maxsize=65536)
def video_problem(path: str) -> str | None:
    """What is wrong with a local video file, or None. Reads headers only."""
    if '://' in path:
        return None
    if not os.path.exists(path):
        return f'video file {path} is not there'
    if os.path.getsize(path) == 0:
        return f'video file {path} is empty'
    missing = missing_bytes(path)
    if missing:
        return f'video file {path} is truncated: {missing} bytes are missing at its end'
    import av

    try:
        with av.open(path) as container:
            if not container.streams.video:
                return f'{path} has no video in it'
    except Exception as error:  # av raises a class for each of FFmpeg's errors
        return f'{path} is not a readable video: it is truncated, damaged or something else ({getattr(error, "strerror", None) or error})'
    return None


def missing_bytes(path: str) -> int:
    """Bytes that an MP4's or MOV's last box announces beyond the end of the file; 0 for whole files and other containers."""
    size = os.path.getsize(path)
    with open(path, 'rb') as file:
        if file.read(8)[4:] not in (b'ftyp', b'moov', b'mdat', b'wide', b'free', b'skip'):
            return 0
        at = 0
        while at + 8 <= size:
            file.seek(at)
            length, _kind = struct.unpack('>I4s', file.read(8))
            if length == 1:
                length = struct.unpack('>Q', file.read(8).rjust(8, b'\0'))[0]
            # 0: until the end of the file. 2 to 7: no box at all; whoever opens the file will say so.
            if length < 8:
                return 0
            at += length
    return max(0, at - size)


def check_videos(paths: object) -> None:
    """Raises BadMedia for the first path of a sample's list that cannot be used."""
    for path in paths if isinstance(paths, (list, tuple)) else ():
        problem = video_problem(path) if isinstance(path, str) else None
        if problem:
            raise BadMedia(problem)
