"""Reads and writes video files with PyAV.

Pictures are scaled and their colours converted by Pillow: FFmpeg's own conversion rounds differently from run to run.
"""

from __future__ import annotations

import os
from pathlib import Path

import av
import numpy as np
from PIL import Image


class VideoFileError(Exception):
    """A video file that cannot be used; the message names the file and says why."""


def read_frames(path: str | Path, size: int) -> np.ndarray:
    """All frames, the shorter side scaled to `size` and the middle square cut out: uint8 [frames, size, size, 3]."""
    path = Path(path)
    if not path.is_file():
        raise VideoFileError(f"{path}: no such video file")
    frames = []
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise VideoFileError(f"{path}: has no video stream")
            declared = container.streams.video[0].frames
            for frame in container.decode(video=0):
                frames.append(np.asarray(_square(_picture(frame), size)))
    except (av.FFmpegError, ValueError) as error:
        raise VideoFileError(f"{path}: not a readable video ({error})") from error
    if not frames:
        raise VideoFileError(f"{path}: has no frames")
    if len(frames) < declared:
        raise VideoFileError(f"{path}: truncated, {len(frames)} of {declared} frames can be read")
    return np.stack(frames)


def _picture(frame: av.VideoFrame) -> Image.Image:
    width, height = frame.width, frame.height
    if width % 2 or height % 2:
        return Image.fromarray(frame.to_ndarray(format="rgb24"))
    planes = frame.to_ndarray(format="yuv420p")
    luma = Image.fromarray(planes[:height])
    chroma = planes[height:].reshape(2, height // 2, width // 2)
    picture = Image.merge("YCbCr", [luma, *(Image.fromarray(plane).resize((width, height)) for plane in chroma)])
    return picture.point(_FULL_RANGE).convert("RGB")


# Video uses 16 to 235 of the luma and 16 to 240 of the chroma; Pillow's colours use all of 0 to 255.
_FULL_RANGE = [min(255, max(0, round((level - 16) * 255 / 219))) for level in range(256)] + 2 * [
    min(255, max(0, round((level - 128) * 255 / 224 + 128))) for level in range(256)
]
_VIDEO_RANGE = [round(level * 219 / 255 + 16) for level in range(256)] + 2 * [
    round((level - 128) * 224 / 255 + 128) for level in range(256)
]


def _square(picture: Image.Image, size: int) -> Image.Image:
    side = min(picture.size)
    left, top = (picture.width - side) / 2, (picture.height - side) / 2
    return picture.resize((size, size), Image.Resampling.BICUBIC, (left, top, left + side, top + side))


def write_video(path: str | Path, frames: np.ndarray, fps: int) -> None:
    """Writes uint8 [frames, height, width, 3] (even sizes) as H.264; the file appears whole or not at all."""
    path = Path(path)
    # The prefix keeps a torn file from looking like a finished video, the suffix tells PyAV the container.
    partial = path.with_name(f".partial-{os.getpid()}.mp4")
    try:
        with av.open(str(partial), "w") as container:
            # With several threads, or its macroblock tree, x264's output changes from run to run.
            stream = container.add_stream("libx264", rate=fps, options={"crf": "12", "x264-params": "mbtree=0"})
            stream.codec_context.thread_count = 1
            stream.height, stream.width = frames.shape[1:3]
            stream.pix_fmt = "yuv420p"
            for frame in frames:
                container.mux(stream.encode(_frame(frame)))
            container.mux(stream.encode())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _frame(pixels: np.ndarray) -> av.VideoFrame:
    picture = Image.fromarray(pixels).convert("YCbCr").point(_VIDEO_RANGE)
    width, height = picture.size
    luma, *chroma = picture.split()
    halves = [np.asarray(plane.resize((width // 2, height // 2))).reshape(-1, width) for plane in chroma]
    return av.VideoFrame.from_ndarray(np.concatenate([np.asarray(luma), *halves]), format="yuv420p")
