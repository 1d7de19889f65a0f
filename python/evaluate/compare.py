"""Compares predictions with the truth, dataset by dataset.

    python compare.py accuracy|mse --predicted FILE… --predicted_key KEY --truth_key KEY [--truth FILE…] --output FILE

`accuracy`: share of predictions equal to their label, numbers as numbers and everything else as text. `mse`: mean squared error; a
prediction that is no number is left out and counted as `format_error`, as programs that rank answers of a language model expect.
Writes FILE: [{"pred_path", "gt_path", "samples", "accuracy" | "mse", "format_error"?, "first_format_error"?}, …].
"""

import argparse
import json
import math
import os
from collections.abc import Iterator
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import Any

from samples import samples, value_at
from sentence import fail

Pair = tuple[str, Any, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measure", choices=["accuracy", "mse"])
    parser.add_argument("--predicted", type=Path, nargs="+", required=True)
    parser.add_argument("--truth", type=Path, nargs="*", default=[])
    parser.add_argument("--predicted_key", required=True)
    parser.add_argument("--truth_key", required=True)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()

    measure = accuracy if arguments.measure == "accuracy" else mean_squared_error
    truths = arguments.truth or arguments.predicted
    results = []
    for number, (predicted, truth) in enumerate(zip(arguments.predicted, truths, strict=True), 1):
        found = measure(pairs(predicted, truth, arguments.predicted_key, arguments.truth_key), predicted)
        results.append({"pred_path": str(predicted), "gt_path": str(truth), **found})
        print(f"compared {number}/{len(truths)} datasets", flush=True)
    part = arguments.output.with_name(f".{arguments.output.name}.{os.getpid()}")
    part.write_text(json.dumps(results, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    part.replace(arguments.output)


def pairs(predicted: Path, truth: Path, predicted_key: str, truth_key: str) -> Iterator[Pair]:
    """(place, prediction, true value) of each sample; ends the program where keys or samples are missing."""
    if predicted == truth:
        for place, sample in samples(predicted):
            yield place, _value(sample, predicted_key, predicted, place), _true(sample, truth_key, truth, place)
        return
    counted = 0
    for one, other in zip_longest(samples(predicted), samples(truth)):
        if one is None or other is None:
            _fail_of_lengths(predicted, truth, counted, one is None)
        counted += 1
        yield one[0], _value(one[1], predicted_key, predicted, one[0]), _true(other[1], truth_key, truth, other[0])


def _fail_of_lengths(predicted: Path, truth: Path, counted: int, is_predicted_short: bool) -> None:
    short, long = (predicted, truth) if is_predicted_short else (truth, predicted)
    fail(f"{short} has {counted} samples and {long} has more: predictions and truth must have one sample each, in the same order")


def _value(sample: Any, key: str, path: Path, place: str) -> Any:
    try:
        return value_at(sample, key)
    except KeyError:
        there = ", ".join(list(sample)[:10]) if isinstance(sample, dict) else f"it is {_shown(sample)}"
        fail(f'{path}, {place}: there is no "{key}" in the sample ({there})')


def _true(sample: Any, key: str, path: Path, place: str) -> Any:
    value = _value(sample, key, path, place)
    if value is None:
        fail(f'{path}, {place}: "{key}" is null; the truth must be known of every sample')
    return value


def accuracy(compared: Iterator[Pair], predicted: Path) -> dict[str, Any]:
    """Share of equal pairs; a prediction of null is a wrong one."""
    total = hits = 0
    for _, prediction, label in compared:
        total += 1
        hits += prediction is not None and is_same(prediction, label)
    return {"accuracy": hits / _some(total, predicted), "samples": total}


def is_same(one: Any, other: Any) -> bool:
    """Equality of labels: 1 is 1.0 and "1", true is not 1."""
    if _is_number(one) and _is_number(other):
        return one == other
    return str(one) == str(other)


def mean_squared_error(compared: Iterator[Pair], predicted: Path) -> dict[str, Any]:
    """Mean of (prediction - truth)² over the predictions that are numbers, or texts that say one."""
    squares = _Sum()
    used = wrong = 0
    first = None
    for place, prediction, truth in compared:
        true = number_of(truth)
        if true is None:
            fail(f"{predicted}, {place}: the truth is {_shown(truth)}, which is no number")
        guess = number_of(prediction)
        if guess is None:
            wrong += 1
            first = first or f"{predicted}, {place}: {_shown(prediction)}"
            continue
        used += 1
        squares.add((guess - true) * (guess - true))
    _some(used + wrong, predicted)
    if used == 0:
        fail(f"none of the {wrong} predictions is a number; the first is {first}")
    if not math.isfinite(squares.value):
        fail(f"{predicted}: the squares of the differences are too large for a number")
    return {"mse": squares.value / used, "samples": used + wrong, "format_error": wrong, "first_format_error": first}


class _Sum:
    """A running sum without the rounding error of many small summands (Neumaier 1974)."""

    def __init__(self) -> None:
        self.sum = self.rest = 0.0

    def add(self, value: float) -> None:
        total = self.sum + value
        larger, smaller = (self.sum, value) if abs(self.sum) >= abs(value) else (value, self.sum)
        self.rest += (larger - total) + smaller
        self.sum = total

    @property
    def value(self) -> float:
        return self.sum + self.rest


def number_of(value: Any) -> float | None:
    """A finite number, or a text that says one; None for anything else."""
    if not _is_number(value) and not isinstance(value, str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _some(total: int, predicted: Path) -> int:
    if total == 0:
        fail(f"{predicted} holds no sample: there is nothing to compare")
    return total


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}…"


if __name__ == "__main__":
    main()
