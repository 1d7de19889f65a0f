"""Ways to make a clip worse: each takes its pictures (Y'CbCr) and returns as many."""

from __future__ import annotations

from typing import Callable

from PIL import Image, ImageChops

Pictures = list[Image.Image]


def blur(pictures: Pictures) -> Pictures:
    """Out of focus: a twelfth of the detail."""
    width, height = pictures[0].size
    return [picture.resize((width // 12, height // 12)).resize((width, height)) for picture in pictures]


def freeze(pictures: Pictures) -> Pictures:
    """The first picture all the time: no motion."""
    return [pictures[0]] * len(pictures)


def dark(pictures: Pictures) -> Pictures:
    """A tenth of the light, the colours pale with it; 16 and 128 are black and grey."""
    levels = [16 + max(level - 16, 0) // 10 for level in range(256)]
    colours = [128 + (level - 128) // 10 for level in range(256)]
    return [picture.point(levels + colours + colours) for picture in pictures]


def shake(pictures: Pictures) -> Pictures:
    """Jumps by a sixth of the picture, every picture in another direction."""
    steps = [(0, 0), (1, 1), (-1, 0), (1, -1), (0, 1), (-1, -1)]
    width, height = pictures[0].width // 6, pictures[0].height // 6
    return [
        ImageChops.offset(picture, steps[i % 6][0] * width, steps[i % 6][1] * height)
        for i, picture in enumerate(pictures)
    ]


DEGRADATIONS: dict[str, Callable[[Pictures], Pictures]] = {
    "blur": blur,
    "freeze": freeze,
    "dark": dark,
    "shake": shake,
}
