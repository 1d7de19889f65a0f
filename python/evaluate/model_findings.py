"""What a model's answers say of samples: loss, confidence and disagreement with the label, and which samples stand out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from samples import value_at

LOSS, CONFIDENCE, DISAGREEMENT = "model_infer_loss", "model_infer_confidence", "model_infer_disagreement"
# A probability of 0 would be an endless loss.
LEAST_PROBABILITY = 1e-12
# Probabilities of 32 bits add up to a little more than 1.
ROUNDING = 1e-3


class Unusable(Exception):
    """An answer of the model from which nothing can be read; the message says why."""


@dataclass(frozen=True)
class Answer:
    """A model's answer to one sample; what it does not tell is None."""

    loss: float | None
    confidence: float | None
    label: str | None
    # The sample's own label is among those that the model gave.
    knows_label: bool

    def stats(self, truth: str | None) -> dict[str, float]:
        """Numbers by stats key; `truth` is the sample's own label."""
        values = {LOSS: self.loss, CONFIDENCE: self.confidence}
        if truth is not None and self.label is not None:
            values[DISAGREEMENT] = float(self.label != truth)
        return {key: value for key, value in values.items() if value is not None}


def read_answer(output: Any, truth: str | None, *, scores_key: str, labels_key: str, loss_key: str | None) -> Answer:
    """Reads one output of a pipeline.

    The loss is the pipeline's own where `loss_key` names it, else −ln of the probability of the sample's label; where the model gave only its
    best labels and that is none of them, of all that they leave.
    """
    own_loss = None if loss_key is None else _number(_at(output, loss_key), loss_key)
    scores = _listed(_optional(output, scores_key) if loss_key else _at(output, scores_key))
    if not scores:
        return Answer(own_loss, None, None, False)
    probabilities = [_probability(score, scores_key) for score in scores]
    labels = [str(label) for label in _listed(_optional(output, labels_key))]
    if labels and len(labels) != len(probabilities):
        raise Unusable(f"it gives {len(probabilities)} {scores_key} and {len(labels)} {labels_key}")
    best = max(range(len(probabilities)), key=probabilities.__getitem__)
    knows_label = truth is not None and truth in labels
    loss = own_loss
    if loss is None and truth is not None and labels:
        own = probabilities[labels.index(truth)] if knows_label else 1 - sum(probabilities)
        loss = -math.log(min(1.0, max(own, LEAST_PROBABILITY)))
    return Answer(loss, probabilities[best], labels[best] if labels else None, knows_label)


def hard_samples(losses: Sequence[float | None], confidences: Sequence[float | None], ratio: float) -> list[int]:
    """Indices of the share `ratio` of the samples with the highest loss, or the lowest confidence where there is no loss; the hardest first."""
    by_loss = bool(losses) and losses[0] is not None
    hardness = [loss if by_loss else -confidence for loss, confidence in zip(losses, confidences)]
    # Not 11 of 100 because 0.1 · 100 is a little more than 10 as a float.
    count = math.ceil(round(ratio * len(hardness), 9))
    return sorted(range(len(hardness)), key=lambda i: -hardness[i])[:count]


def dirty_samples(disagreements: Sequence[float | None], confidences: Sequence[float | None], least: float) -> list[int]:
    """Indices of samples whose label a model that is as sure as `least` contradicts; those first of which it is surest."""
    found = [i for i, differs in enumerate(disagreements) if differs == 1 and confidences[i] >= least]
    return sorted(found, key=lambda i: -confidences[i])


def _at(output: Any, key: str) -> Any:
    try:
        return value_at(output, key)
    except KeyError:
        there = ", ".join(map(str, output)) if isinstance(output, dict) else f"it is {type(output).__name__}"
        raise Unusable(f'its output has no "{key}" ({there}); say in probe.scores_key, labels_key or loss_key where they are') from None


def _optional(output: Any, key: str) -> Any:
    try:
        return value_at(output, key)
    except KeyError:
        return None


def _listed(value: Any) -> list[Any]:
    value = value.tolist() if hasattr(value, "tolist") else value
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _number(value: Any, key: str) -> float:
    values = _listed(value)
    try:
        number = float(values[0]) if len(values) == 1 else math.nan
    except (TypeError, ValueError):
        number = math.nan
    if math.isfinite(number):
        return number
    raise Unusable(f"its {key} is {str(value)[:80]}, not a number")


def _probability(value: Any, key: str) -> float:
    number = _number(value, key)
    if -ROUNDING <= number <= 1 + ROUNDING:
        return min(1.0, max(0.0, number))
    raise Unusable(f"its {key} are no probabilities ({number})")
