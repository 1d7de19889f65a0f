"""Stats of samples as numbers to sort by."""

import math
from typing import Any

from failure import BadInput

STATS = "__dj__stats__"

NUMBER, TEXT, NONE, EMPTY = "number", "text", "none", "empty"


def sort_value(value: Any) -> tuple[str, float | None]:
    """What kind of value a stat is, and the number that it sorts by: of a list its mean, 0 for an empty one."""
    if isinstance(value, list):
        return mean_of(list(flattened(value)))
    if isinstance(value, (int, float)):
        return (NONE, None) if math.isnan(value) else (NUMBER, float(value))
    return (NONE, None) if value is None else (TEXT, None)


def mean_of(values: list[Any]) -> tuple[str, float | None]:
    if not values:
        return EMPTY, 0.0
    if all(isinstance(value, (int, float)) for value in values):
        mean = math.fsum(values) / len(values)
        return (NONE, None) if math.isnan(mean) else (NUMBER, mean)
    return (NONE, None) if any(value is None for value in values) else (TEXT, None)


def flattened(values: list[Any]):
    for value in values:
        if isinstance(value, list):
            yield from flattened(value)
        else:
            yield value


class StatKeys:
    """What is seen of each stat of a dataset, in the order of their first appearance."""

    def __init__(self, dataset: str) -> None:
        self._dataset = dataset
        self._kinds: dict[str, dict[str, str]] = {}
        self._counts: dict[str, int] = {}
        self._samples = 0

    def take(self, stats: dict[str, Any], at: str) -> dict[str, float | None]:
        """Numbers of one sample by stat; `at` says where it is."""
        numbers = {}
        for key, value in stats.items():
            kind, number = sort_value(value)
            self._kinds.setdefault(key, {}).setdefault(kind, at)
            if number is not None:
                self._counts[key] = self._counts.get(key, 0) + 1
                numbers[key] = number
        self._samples += 1
        return numbers

    def numeric(self) -> tuple[list[str], list[str]]:
        """Stats to split by, and those that are no numbers; raises BadInput for one that is a number only of some samples."""
        numeric, other = [], []
        for key, kinds in self._kinds.items():
            if TEXT in kinds and NUMBER in kinds:
                raise BadInput(
                    f"{self._dataset}: stat {key} is a number at {kinds[NUMBER]} and none at {kinds[TEXT]}; analyse it again"
                )
            if TEXT in kinds or self._counts.get(key, 0) == 0:
                other.append(key)
                continue
            without = self._samples - self._counts[key]
            if without > 0:
                first = kinds.get(NONE)
                where = f" (such as {first})" if first else ""
                raise BadInput(
                    f"{self._dataset}: {without} of {self._samples} samples have no number for stat {key}{where}; "
                    "analyse the dataset again, or drop those samples"
                )
            numeric.append(key)
        return numeric, other
