"""Small pictures of clips for a report, and clips that browsers play where theirs they do not.

Reads one JSON object a line: {"path": …, "play": true where it is to be played}. Writes one a line, in the same order, as each is done:
{"path", "bytes", "width", "height", "seconds", "codec", "poster": WebP in base64, "converted": path or null, "problem": text or null}.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import json
import os
import sys
from pathlib import Path

import av
from PIL import Image, ImageOps

# What browsers play: codec and pixel formats, and the containers that they open.
PLAYED = {
    "h264": {"yuv420p", "yuvj420p"},
    "vp8": {"yuv420p"},
    "vp9": {"yuv420p"},
    "av1": {"yuv420p"},
}
CONTAINERS = {".mp4", ".m4v", ".webm"}
IMAGES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"}
# A converted clip is at most so long and so large.
MOST_SECONDS = 20
MOST_SIDE = 640
# Frames before a picture is given up: a broken clip may have none.
MOST_FRAMES = 2000
# Pictures of more pixels are not opened.
Image.MAX_IMAGE_PIXELS = 100_000_000


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--side", type=int, default=192, help="of pictures, in pixels")
    parser.add_argument("--folder", required=True, help="where converted clips are written")
    args = parser.parse_args()
    # libav writes what it thinks of clips to stderr.
    av.logging.set_level(av.logging.PANIC)
    for line in sys.stdin:
        wish = json.loads(line)
        print(json.dumps(seen(wish["path"], wish["play"], args.side, Path(args.folder))), flush=True)


def seen(path: str, play: bool, side: int, folder: Path) -> dict:
    told = dict.fromkeys(("bytes", "width", "height", "seconds", "codec", "poster", "converted", "problem"))
    told["path"] = path
    try:
        told["bytes"] = os.stat(path).st_size
        if Path(path).suffix.lower() in IMAGES and not play:
            look_at_image(path, side, told)
        else:
            look_at_video(path, play, side, told)
            if play and not is_played(path, told):
                told["converted"] = converted(path, folder)
    except FileNotFoundError:
        told["problem"] = "it is gone"
    except Exception as error:  # noqa: BLE001 - whatever a clip of someone else does to a decoder, the report comes
        # Not its whole text: that names the folders of this machine.
        why = getattr(error, "strerror", None) or str(error)
        told["problem"] = f"it cannot be read ({type(error).__name__}: {why.replace(path, Path(path).name)[:120]})"
    told.pop("pixels", None)
    return told


def look_at_image(path: str, side: int, told: dict) -> None:
    with Image.open(path) as image:
        told["width"], told["height"], told["codec"] = image.width, image.height, (image.format or "").lower()
        told["poster"] = small(image, side)


def look_at_video(path: str, play: bool, side: int, told: dict) -> None:
    with av.open(path) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        told["width"], told["height"], told["codec"], told["pixels"] = context.width, context.height, context.name, context.pix_fmt
        seconds = length(container, stream)
        told["seconds"] = seconds
        # A picture from the middle says more; of a clip that is played, its first one, so that nothing jumps.
        wanted = 0 if play or not seconds else seconds / 2
        frame = frame_at(container, stream, wanted)
        if frame is None:
            raise ValueError("it has no frames")
        told["poster"] = small(frame.to_image(), side)


def length(container: av.container.InputContainer, stream: av.video.stream.VideoStream) -> float | None:
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return container.duration / av.time_base if container.duration is not None else None


def frame_at(container: av.container.InputContainer, stream: av.video.stream.VideoStream, seconds: float):
    """The first frame that is not before `seconds`, else the last one."""
    if seconds > 2 and stream.time_base is not None:
        container.seek(int(seconds / stream.time_base), stream=stream)
    last = None
    for number, frame in enumerate(container.decode(stream)):
        last = frame
        if number >= MOST_FRAMES or frame.time is None or frame.time >= seconds:
            break
    return last


def small(image: Image.Image, side: int) -> str:
    image = ImageOps.exif_transpose(image).convert("RGB")
    image.thumbnail((side, side))
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=72, method=4)
    return base64.b64encode(buffer.getvalue()).decode()


def is_played(path: str, told: dict) -> bool:
    return Path(path).suffix.lower() in CONTAINERS and told["pixels"] in PLAYED.get(told["codec"], set())


def converted(path: str, folder: Path) -> str:
    """The clip as VP9 in WebM."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{hashlib.sha256(path.encode()).hexdigest()[:16]}.webm"
    with av.open(path) as source, av.open(str(target), "w") as sink:
        stream = source.streams.video[0]
        width, height = size_of(stream.codec_context.width, stream.codec_context.height)
        rate = stream.average_rate or 25
        out = sink.add_stream("libvpx-vp9", rate=rate, options={"deadline": "realtime", "cpu-used": "8", "crf": "33", "b": "0"})
        out.width, out.height, out.pix_fmt = width, height, "yuv420p"
        most = int(MOST_SECONDS * float(rate))
        for number, frame in enumerate(source.decode(stream)):
            if number >= most:
                break
            picture = frame.reformat(width=width, height=height, format="yuv420p")
            picture.pts, picture.time_base = number, 1 / rate
            sink.mux(out.encode(picture))
        sink.mux(out.encode(None))
    return str(target)


def size_of(width: int, height: int) -> tuple[int, int]:
    """Even, as the codec wants it, and not larger than MOST_SIDE."""
    scale = min(1.0, MOST_SIDE / max(width, height, 1))
    return max(2, int(width * scale) // 2 * 2), max(2, int(height * scale) // 2 * 2)


if __name__ == "__main__":
    main()
