"""Asks a ModelScope pipeline about a sample of a dataset, and writes what its answers say of each.

    python model_infer.py REQUEST.json

REQUEST: {"dataset", "output", "findings", "overall", "summary": paths; "ratio", "seed": the sample; "pipeline": arguments of
modelscope.pipelines.pipeline; "call": arguments of each call of it; "input": dotted key of what the model is asked with, or a list or map of
such keys; "label_key", "label_map", "scores_key", "labels_key", "loss_key", "chunk", "hard_ratio", "dirty_confidence", "allow_failed"}.

Writes output (the samples with stats), findings (those that stand out), overall (as Data-Juicer's overall.csv) and summary.
"""

import csv
import importlib.metadata
import json
import math
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from model_findings import CONFIDENCE, DISAGREEMENT, LOSS, Answer, Unusable, dirty_samples, hard_samples, read_answer
from samples import samples, value_at
from sentence import fail

STATS, META = "__dj__stats__", "__dj__meta__"
QUANTILES = {"min": 0.0, "25%": 0.25, "50%": 0.5, "75%": 0.75, "max": 1.0}
MOST_LABELS = 8

Place = tuple[str, dict[str, Any]]


def main() -> None:
    request = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    chosen, total = choose(Path(request["dataset"]), request["ratio"], request["seed"])
    first = next(sampled(request, chosen))
    ask(request, *first)
    truth_of(request, *first)

    probe = Probe(request, build(request["pipeline"]), len(chosen))
    with open(request["output"], "w", encoding="utf-8") as file:
        for sample, stats, meta in probe.run(sampled(request, chosen)):
            known = sample.get(STATS)
            sample[STATS] = {**(known if isinstance(known, dict) else {}), **stats}
            if meta:
                known = sample.get(META)
                sample[META] = {**(known if isinstance(known, dict) else {}), **meta}
            file.write(json.dumps(sample, ensure_ascii=False, default=str) + "\n")
    probe.check_labels()
    if not probe.answers:
        fail(f"no sample of {request['dataset']} was left: the model failed on all {len(chosen)}; the first: {probe.first_failure}")
    summary = findings(request, probe)
    write_overall(Path(request["overall"]), probe.stats)
    summary.update(samples_in=total, samples=len(probe.answers), failed=probe.failed, first_failure=probe.first_failure)
    summary["versions"] = {name: importlib.metadata.version(name) for name in ("modelscope", "torch") if _is_installed(name)}
    Path(request["summary"]).write_text(json.dumps(summary, allow_nan=False), encoding="utf-8")


def choose(dataset: Path, ratio: float, seed: int) -> tuple[set[int], int]:
    """Indices of a uniform sample, and how many samples there are; at least one."""
    total = sum(1 for _ in samples(dataset))
    if total == 0:
        fail(f"the dataset {dataset} has no sample")
    count = max(1, math.ceil(round(total * ratio, 9)))
    return set(random.Random(seed).sample(range(total), count)), total


def sampled(request: dict[str, Any], chosen: set[int]) -> Iterator[Place]:
    """(place, sample) of the chosen samples, in the dataset's order."""
    for index, (place, sample) in enumerate(samples(Path(request["dataset"]))):
        if index not in chosen:
            continue
        if not isinstance(sample, dict):
            fail(f"{request['dataset']}, {place}: this is no sample (a JSON object)")
        yield place, sample


def build(arguments: dict[str, Any]) -> Any:
    """The pipeline of these arguments; ends the program with why it cannot be had."""
    try:
        from modelscope.pipelines import pipeline
    except ImportError as error:
        fail(f"this Python ({sys.executable}) cannot import modelscope.pipelines: {error}")
    print("dj-sandbox phase: loading the model", flush=True)
    try:
        return pipeline(**arguments)
    except Exception as error:
        words = " ".join(str(error).split())[:600]
        fail(f"modelscope.pipelines.pipeline({_shown(arguments)}) failed: {type(error).__name__}: {words}{_advice(arguments.get('model'))}")


def _advice(model: Any) -> str:
    away = [name for name in (model if isinstance(model, list) else [model]) if isinstance(name, str) and not Path(name).exists()]
    if not away:
        return ""
    return (
        f"; {away[0]} is no folder here: fetch it where there is a network (modelscope download --model {away[0]} --local_dir DIR) "
        "and name that folder in extra_configs.model"
    )


class Probe:
    """Asks the model and keeps what it says of each sample, in their order."""

    def __init__(self, request: dict[str, Any], pipeline: Any, total: int) -> None:
        self._total = total
        self._asked = 0
        self._request = request
        self._pipeline = pipeline
        self.answers: list[Answer] = []
        self.stats: list[dict[str, float]] = []
        self.failed = 0
        self.first_failure: str | None = None
        self._own_labels: set[str] = set()
        self._given_labels: set[str] = set()
        self._knows_one = False

    def run(self, places: Iterator[Place]) -> Iterator[tuple[dict[str, Any], dict[str, float], dict[str, Any]]]:
        """(sample, its stats, its meta) of each sample that the model answered."""
        chunk: list[Place] = []
        for place in places:
            chunk.append(place)
            if len(chunk) == self._request["chunk"]:
                yield from self._chunk(chunk)
                chunk = []
        if chunk:
            yield from self._chunk(chunk)

    def check_labels(self) -> None:
        """Ends the program where the dataset's labels and the model's have nothing in common: all samples would seem wrong."""
        if not self._own_labels or not self._given_labels or self._knows_one:
            return
        own, given = (", ".join(sorted(labels)[:MOST_LABELS]) for labels in (self._own_labels, self._given_labels))
        fail(f"no label of the dataset ({own}) is one that the model gives ({given}): say in probe.label_map which is which")

    def _chunk(self, chunk: list[Place]) -> Iterator[tuple[dict[str, Any], dict[str, float], dict[str, Any]]]:
        outputs = self._outputs(chunk)
        self._asked += len(chunk)
        print(f"probed {self._asked}/{self._total} samples", flush=True)
        for (place, sample), output in zip(chunk, outputs):
            truth = truth_of(self._request, place, sample)
            try:
                if isinstance(output, Exception):
                    raise Unusable(f"{type(output).__name__}: {' '.join(str(output).split())[:300]}") from output
                answer = self._read(output, truth)
            except Unusable as error:
                self._fail(place, error)
                continue
            self._notice(answer, truth)
            stats = answer.stats(truth)
            self.answers.append(answer)
            self.stats.append(stats)
            yield sample, stats, {"model_infer_label": answer.label} if answer.label is not None else {}

    def _outputs(self, chunk: list[Place]) -> list[Any]:
        """An output or an exception for each; what fails together is asked one by one, so that the one sample is found that is at fault."""
        inputs = [ask(self._request, place, sample) for place, sample in chunk]
        try:
            outputs = self._pipeline(inputs, **self._request["call"])
            if isinstance(outputs, list) and len(outputs) == len(inputs):
                return outputs
        except Exception:
            pass
        return [self._single(each) for each in inputs]

    def _single(self, value: Any) -> Any:
        try:
            outputs = self._pipeline([value], **self._request["call"])
            return outputs[0] if isinstance(outputs, list) and len(outputs) == 1 else outputs
        except Exception as error:
            return error

    def _read(self, output: Any, truth: str | None) -> Answer:
        keys = {key: self._request[key] for key in ("scores_key", "labels_key", "loss_key")}
        answer = read_answer(output, truth, **keys)
        if self.answers and set(answer.stats(truth)) != set(self.stats[0]):
            raise Unusable(f"it tells {', '.join(answer.stats(truth)) or 'nothing'}, and of the samples before {', '.join(self.stats[0])}")
        return answer

    def _notice(self, answer: Answer, truth: str | None) -> None:
        self._knows_one = self._knows_one or answer.knows_label
        if truth is not None and len(self._own_labels) <= MOST_LABELS:
            self._own_labels.add(truth)
        if answer.label is not None and len(self._given_labels) <= MOST_LABELS:
            self._given_labels.add(answer.label)

    def _fail(self, place: str, error: Unusable) -> None:
        message = f"{self._request['dataset']}, {place}: {error}"
        if not self._request["allow_failed"]:
            fail(f"the model cannot tell anything of a sample ({message}); probe.allow_failed_samples: true leaves such samples out")
        self.failed += 1
        self.first_failure = self.first_failure or message


def ask(request: dict[str, Any], place: str, sample: dict[str, Any]) -> Any:
    """What the model is asked with of a sample."""
    keys = request["input"]
    if isinstance(keys, dict):
        return {name: _value(request, place, sample, key) for name, key in keys.items()}
    if isinstance(keys, list):
        return tuple(_value(request, place, sample, key) for key in keys)
    return _value(request, place, sample, keys)


def truth_of(request: dict[str, Any], place: str, sample: dict[str, Any]) -> str | None:
    """The sample's label in the model's words, or None where the config names no label."""
    if request["label_key"] is None:
        return None
    label = str(_value(request, place, sample, request["label_key"]))
    return request["label_map"].get(label, label)


def _value(request: dict[str, Any], place: str, sample: dict[str, Any], key: str) -> Any:
    try:
        return value_at(sample, key)
    except KeyError:
        fail(f'{request["dataset"]}, {place}: there is no "{key}" in the sample ({", ".join(list(sample)[:10])})')


def findings(request: dict[str, Any], probe: Probe) -> dict[str, Any]:
    """Writes the samples that stand out, the hardest first; returns their numbers and the means of the stats."""
    columns = {key: [stats.get(key) for stats in probe.stats] for key in (LOSS, CONFIDENCE, DISAGREEMENT)}
    hard = hard_samples(columns[LOSS], columns[CONFIDENCE], request["hard_ratio"])
    dirty = dirty_samples(columns[DISAGREEMENT], columns[CONFIDENCE], request["dirty_confidence"])
    why: dict[int, list[str]] = {}
    for word, indices in (("hard", hard), ("dirty", dirty)):
        for index in indices:
            why.setdefault(index, []).append(word)
    found: dict[int, dict[str, Any]] = {}
    with open(request["output"], encoding="utf-8") as file:
        for index, line in enumerate(file):
            if index in why:
                found[index] = json.loads(line)
    with open(request["findings"], "w", encoding="utf-8") as file:
        # `why` begins with the hard samples in their order.
        for index, words in why.items():
            sample = found[index]
            sample[META] = {**(sample.get(META) or {}), "model_infer_finding": words}
            file.write(json.dumps(sample, ensure_ascii=False) + "\n")
    means = {key: mean(values) for key, values in columns.items() if values[0] is not None}
    return {"hard": len(hard), "dirty": len(dirty), "findings": len(why), "means": means}


def write_overall(path: Path, stats: list[dict[str, float]]) -> None:
    """As Data-Juicer's Analyzer writes overall.csv: rows by stats key; the deviation with n − 1 below the line."""
    keys = list(stats[0])
    columns = [sorted(row[key] for row in stats) for key in keys]
    rows: dict[str, list[float | str]] = {
        "count": [len(column) for column in columns],
        "mean": [mean(column) for column in columns],
        "std": [deviation(column) if len(column) > 1 else "" for column in columns],
    }
    for name, share in QUANTILES.items():
        rows[name] = [quantile(column, share) for column in columns]
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["", *keys])
        writer.writerows([name, *values] for name, values in rows.items())


def mean(values: list[float]) -> float:
    return math.fsum(values) / len(values)


def deviation(values: list[float]) -> float:
    middle = mean(values)
    return math.sqrt(math.fsum((value - middle) ** 2 for value in values) / (len(values) - 1))


def quantile(ordered: list[float], share: float) -> float:
    """As NumPy and pandas have it: on the line between the two values beside the place."""
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def _shown(arguments: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in arguments.items())


def _is_installed(name: str) -> bool:
    try:
        return bool(importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return False


if __name__ == "__main__":
    main()
