"""Ways to make a clip worse: each takes its pictures and returns as many, the same on every machine."""

from __future__ import annotations

from typing import Callable

from PIL import Image, ImageChops, ImageFilter

Pictures = list[Image.Image]


def blur(pictures: Pictures) -> Pictures:
    """Out of focus."""
    return [picture.filter(ImageFilter.GaussianBlur(6)) for picture in pictures]


def freeze(pictures: Pictures) -> Pictures:
    """The first picture all the time: no motion."""
    return [pictures[0]] * len(pictures)


def dark(pictures: Pictures) -> Pictures:
    """A tenth of the light."""
    return [picture.point(lambda level: level // 10) for picture in pictures]


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
