"""BRISQUE of one grey frame (Mittal, Moorthy & Bovik, IEEE TIP 2012): no-reference quality, 0 is good, around 100 is bad.

The trained model is the one that PyPI's `brisque` ships. Its own code is not imported: that needs libsvm, which has to be compiled on
Linux, while predicting with a support vector regression is one line of NumPy. Where the fit is defined both give the same score.
"""

import math
import pickle
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np

# Below this the half-size scale has too few pixels to fit a distribution to.
SMALLEST_SIDE = 64

# Shapes that the original fits: 0.2, 0.201, … 10.
_SHAPES = np.arange(0.2, 10.0005, 0.001)
_RATIOS = np.array([math.gamma(2 / a) ** 2 / (math.gamma(1 / a) * math.gamma(3 / a)) for a in _SHAPES])


class Undefined(Exception):
    """The frame has no texture that a distribution could be fitted to: one flat colour, for example."""


def brisque(gray: np.ndarray) -> float:
    """Score of a grey frame of 8 bit. Raises Undefined for a flat one."""
    image = gray.astype(np.float64) / 255
    half = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_CUBIC)
    features = np.array([*_features(image), *_features(half)])
    vectors, weights, gamma, rho, low, high = _model()
    scaled = -1 + 2 * (features - low) / (high - low)
    distances = ((vectors - scaled) ** 2).sum(axis=1)
    return float(weights @ np.exp(-gamma * distances) - rho)


def enlarged(gray: np.ndarray) -> np.ndarray:
    """The frame itself, or a bicubic enlargement where its shorter side is under SMALLEST_SIDE pixels."""
    shorter = min(gray.shape)
    if shorter >= SMALLEST_SIDE:
        return gray
    scale = SMALLEST_SIDE / shorter
    return cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)


def _features(image: np.ndarray) -> list[float]:
    """18 parameters: the normalised luminances and the products of neighbours in four directions."""
    mscn = _normalised(image)
    shape, left, right = _fit(mscn)
    features = [shape, (left**2 + right**2) / 2]
    for products in (
        mscn[:, :-1] * mscn[:, 1:],
        mscn[:-1, :] * mscn[1:, :],
        mscn[:-1, :-1] * mscn[1:, 1:],
        mscn[1:, :-1] * mscn[:-1, 1:],
    ):
        shape, left, right = _fit(products)
        spread = math.sqrt(math.gamma(1 / shape) / math.gamma(3 / shape))
        mean = (right - left) * math.gamma(2 / shape) / math.gamma(1 / shape) * spread
        features += [shape, mean, left**2, right**2]
    return features


def _normalised(image: np.ndarray) -> np.ndarray:
    """Mean-subtracted, contrast-normalised luminances: 7 × 7 Gaussian window, standard deviation 7/6."""
    kernel = cv2.getGaussianKernel(7, 7 / 6, cv2.CV_64F)

    def blur(values: np.ndarray) -> np.ndarray:
        return cv2.sepFilter2D(values, cv2.CV_64F, kernel, kernel, borderType=cv2.BORDER_CONSTANT)

    mean = blur(image)
    deviation = np.sqrt(np.abs(blur(image**2) - mean**2))
    return (image - mean) / (deviation + 1 / 255)


def _fit(values: np.ndarray) -> tuple[float, float, float]:
    """Shape and both standard deviations of an asymmetric generalised Gaussian, by moment matching."""
    below, above = values[values < 0], values[values > 0]
    if below.size == 0 or above.size == 0:
        raise Undefined
    left, right = math.sqrt(np.mean(below**2)), math.sqrt(np.mean(above**2))
    gamma = left / right
    ratio = np.mean(np.abs(values)) ** 2 / np.mean(values**2)
    ratio *= (gamma**3 + 1) * (gamma + 1) / (gamma**2 + 1) ** 2
    return float(_SHAPES[np.argmin((_RATIOS - ratio) ** 2)]), left, right


@cache
def _model() -> tuple[np.ndarray, np.ndarray, float, float, np.ndarray, np.ndarray]:
    """Support vectors, their weights, γ and ρ, and the features' ranges, from the files of PyPI's `brisque`."""
    spec = find_spec("brisque")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("the package `brisque`, whose model files BRISQUE needs, is not installed in this environment")
    folder = Path(spec.submodule_search_locations[0]) / "models"
    header, _, body = (folder / "svm.txt").read_text().partition("SV\n")
    settings = dict(line.split(maxsplit=1) for line in header.splitlines())
    rows = [line.split() for line in body.splitlines()]
    vectors = np.zeros((len(rows), 36))
    for row, (_, *entries) in zip(vectors, rows):
        for entry in entries:
            index, value = entry.split(":")
            row[int(index) - 1] = float(value)
    weights = np.array([float(row[0]) for row in rows])
    with (folder / "normalize.pickle").open("rb") as file:
        ranges = pickle.load(file)
    return vectors, weights, float(settings["gamma"]), float(settings["rho"]), np.array(ranges["min_"]), np.array(ranges["max_"])
