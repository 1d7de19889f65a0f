"""No-reference measures of one frame and of a pair of neighbouring frames. `METRICS` says what each means and which way is better."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from brisque_score import Undefined, brisque, enlarged

# Optical flow is computed at this size at most; larger frames are reduced to it.
FLOW_SIDE = 256


@dataclass(frozen=True)
class Metric:
    """A measure: of one frame (`frame`) or of two neighbours (`pair`), both BGR, 8 bit. None where it is undefined."""

    better: Literal["lower", "higher", "neither"]
    unit: str
    source: str
    frame: Callable[[np.ndarray], float | None] | None = None
    pair: Callable[[np.ndarray, np.ndarray], float | None] | None = None


def _gray(frame: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)


def _brisque(frame: np.ndarray) -> float | None:
    try:
        return brisque(enlarged(_gray(frame)))
    except Undefined:
        return None


def _sharpness(frame: np.ndarray) -> float:
    return float(cv2.Laplacian(_gray(frame), cv2.CV_64F).var())


def _colourfulness(frame: np.ndarray) -> float:
    blue, green, red = cv2.split(frame.astype(np.float64))
    red_green = red - green
    yellow_blue = (red + green) / 2 - blue
    spread = math.hypot(red_green.std(), yellow_blue.std())
    return spread + 0.3 * math.hypot(red_green.mean(), yellow_blue.mean())


def _contrast(frame: np.ndarray) -> float:
    return float(_gray(frame).std() / 255)


def _brightness(frame: np.ndarray) -> float:
    return float(_gray(frame).mean() / 255)


def _flow(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Both frames in grey, at most FLOW_SIDE on their shorter side, and Farnebäck's flow from the first to the second."""
    small = []
    for frame in (first, second):
        gray = _gray(frame)
        scale = FLOW_SIDE / min(gray.shape)
        small.append(cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else gray)
    flow = cv2.calcOpticalFlowFarneback(small[0], small[1], None, 0.5, 3, 15, 3, 5, 1.2, 0)
    return small[0], small[1], flow


def _motion(first: np.ndarray, second: np.ndarray) -> float:
    gray, _, flow = _flow(first, second)
    return float(100 * np.hypot(flow[..., 0], flow[..., 1]).mean() / math.hypot(*gray.shape))


def _temporal_flicker(first: np.ndarray, second: np.ndarray) -> float | None:
    before, after, flow = _flow(first, second)
    height, width = before.shape
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    at_x, at_y = columns + flow[..., 0], rows + flow[..., 1]
    inside = (at_x >= 0) & (at_x <= width - 1) & (at_y >= 0) & (at_y <= height - 1)
    if not inside.any():
        return None
    warped = cv2.remap(after, at_x, at_y, cv2.INTER_LINEAR)
    return float(cv2.absdiff(before, warped)[inside].mean() / 255)


METRICS: dict[str, Metric] = {
    "brisque": Metric(
        "lower", "0 is good, about 100 is bad", "Mittal, Moorthy & Bovik, IEEE TIP 21(12), 2012", frame=_brisque
    ),
    "sharpness": Metric(
        "higher", "variance of the Laplacian of 8-bit grey", "Pech-Pacheco et al., ICPR 2000", frame=_sharpness
    ),
    "colourfulness": Metric(
        "higher", "0 is grey, about 109 is extremely colourful", "Hasler & Süsstrunk, SPIE 5007, 2003", frame=_colourfulness
    ),
    "contrast": Metric(
        "higher", "root mean square of grey, 0 to 0.5", "Peli, JOSA A 7(10), 1990", frame=_contrast
    ),
    "brightness": Metric("neither", "mean grey, 0 to 1: exposure", "mean luma, ITU-R BT.601", frame=_brightness),
    "motion": Metric(
        "neither",
        "mean optical flow a frame, per cent of the diagonal: 0 is a frozen video",
        "Farnebäck, SCIA 2003",
        pair=_motion,
    ),
    "temporal_flicker": Metric(
        "lower",
        "mean difference of neighbouring frames after motion compensation, 0 to 1",
        "warping error of Lai et al., ECCV 2018, with Farnebäck's flow and without their occlusion mask",
        pair=_temporal_flicker,
    ),
}
