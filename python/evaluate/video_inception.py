"""Compares generated with real videos by the features that a network finds in them (FID, FVD, KID, KVD, IS, ISV, PR, PRV).

    python video_inception.py --fake DATASET [--real DATASET] --metric NAME… --output FILE [--detector FILE]
        [--fake_folder DIR] [--real_folder DIR] [--runs 1] [--height 240] [--width 320] [--seed 42] [--cpu]

DATASET lists videos under `videos` of each sample. Writes FILE, a JSON line a metric as Data-Juicer's own evaluator does, with `notes`.
"""

import argparse
import json
import os
from pathlib import Path

import numpy as np

from clips import Source, Video, videos_of
from inception_names import DRAWS, FEWEST, MEASURES, MOST_FRAMES, Measure
from sentence import fail
from torchscript import check_torchscript


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fake", type=Path, required=True)
    parser.add_argument("--real", type=Path)
    parser.add_argument("--fake_folder", type=Path)
    parser.add_argument("--real_folder", type=Path)
    parser.add_argument("--metric", nargs="+", choices=list(MEASURES), required=True)
    parser.add_argument("--detector", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--height", type=int, default=240)
    parser.add_argument("--width", type=int, default=320)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--cpu", action="store_true")
    arguments = parser.parse_args()

    measures = {name: MEASURES[name] for name in arguments.metric}
    detectors = {name: detector_path(name, measure, arguments.detector) for name, measure in measures.items()}
    fake = videos_of(arguments.fake, arguments.fake_folder)
    real = None
    if any(measure.needs_real for measure in measures.values()):
        if arguments.real is None:
            fail("real_data_path is missing: all metrics but is50k and isv2048_ucf compare with real videos")
        real = videos_of(arguments.real, arguments.real_folder)
    for name, measure in measures.items():
        check_counts(name, measure, {arguments.fake: fake, **({arguments.real: real} if measure.needs_real else {})})
    evaluator = Evaluator(fake, real, (arguments.height, arguments.width), arguments.cpu)
    lines = []
    for name, measure in measures.items():
        print(f"measuring {name}", flush=True)
        seeds = range(arguments.seed, arguments.seed + arguments.runs)
        runs = [evaluator.run(name, measure, detectors[name], np.random.default_rng(seed)) for seed in seeds]
        lines.append(
            {
                "results": together(runs),
                "metric": name,
                "num_runs": arguments.runs,
                "real_data_path": str(arguments.real) if measure.needs_real else None,
                "fake_data_path": str(arguments.fake),
                "notes": notes(name, measure, fake, real),
                "versions": evaluator.versions,
            }
        )
    write(arguments.output, lines)


def detector_path(name: str, measure: Measure, given: Path | None) -> Path:
    """The network's file: the one that is given, else the metric's own in Data-Juicer's folder of models."""
    network = measure.network
    models = Path(os.environ.get("DATA_JUICER_MODELS_CACHE", Path.home() / ".cache" / "data_juicer" / "models"))
    path = given or models / network.file
    if path.is_file():
        check_torchscript(path)
        return path
    if given:
        fail(f"detector_path: {given} is not there; {name} is defined with {network.url}")
    fail(
        f"{name} needs a network, and nothing is downloaded while jobs run: put {network.url} on this host as {path} "
        "(another folder: DATA_JUICER_MODELS_CACHE), or name a TorchScript file in detector_path"
    )


def check_counts(name: str, measure: Measure, sets: dict[Path, list[Video]]) -> None:
    """Ends the program where a set is too small for a measure to be defined."""
    fewest = FEWEST[measure.kind]
    for dataset, videos in sets.items():
        count = len(videos) if measure.clip else sum(video.frames for video in videos)
        unit = "videos" if measure.clip else "frames"
        if count < fewest:
            fail(f"{name} needs at least {fewest} {unit}, and {dataset} has {count}")


class Evaluator:
    """Runs measures on two sets of videos; networks are loaded, and videos looked at, once."""

    def __init__(self, fake: list[Video], real: list[Video] | None, size: tuple[int, int], cpu: bool) -> None:
        import torch

        self.sets = {"fake": fake, "real": real}
        self.size = size
        self.device = torch.device("cuda" if torch.cuda.is_available() and not cpu else "cpu")
        self.versions = {"torch": torch.__version__, "numpy": np.__version__}
        self._detectors: dict[Path, object] = {}
        self._sources: dict[tuple, Source] = {}

    def run(self, name: str, measure: Measure, detector: Path, random: np.random.Generator) -> dict[str, float]:
        """One run's numbers by name; other random draws give others."""
        import inception_metrics as metrics

        fake, fake_weights = self._features("fake", measure, detector, random)
        if measure.kind == "score":
            check_probabilities(fake, detector)
            mean, deviation = metrics.inception_score(fake[random.permutation(len(fake))])
            return {f"{name}_mean": mean, f"{name}_std": deviation}
        real, real_weights = self._features("real", measure, detector, random)
        if measure.kind == "manifold":
            precision, recall = metrics.precision_recall(real, fake, self.device)
            return {f"{name}_precision": precision, f"{name}_recall": recall}
        if measure.kind == "kernel":
            return {name: metrics.kernel_distance(real, fake, random) * measure.factor}
        return {name: metrics.frechet_distance(real, fake, real_weights, fake_weights)}

    def _features(
        self, which: str, measure: Measure, detector: Path, random: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        source = self._source(which, measure, detector)
        if measure.clip is None:
            return source.frames(MOST_FRAMES, random)
        features = source.clips(measure.clip, draws(measure, source.videos), random)
        return features, np.ones(len(features))

    def _source(self, which: str, measure: Measure, path: Path) -> Source:
        from detector import Detector

        key = (which, path, *measure.options)
        if key not in self._sources:
            if path not in self._detectors:
                self._detectors[path] = Detector(path, self.device)
            network, options = self._detectors[path], measure.options
            self._sources[key] = Source(self.sets[which], self.size, lambda pictures: network(pictures, options))
        return self._sources[key]


def draws(measure: Measure, videos: list[Video]) -> int:
    """How many clips are drawn. Neighbours and kernels take a clip that is drawn twice for two that are alike: there each video comes once."""
    return min(DRAWS, len(videos)) if measure.kind in ("kernel", "manifold") else DRAWS


def check_probabilities(rows: np.ndarray, detector: Path) -> None:
    """Ends the program where a network's values are not the probabilities of classes that a score is defined for."""
    sums = rows.sum(axis=1)
    if rows.min() < 0 or np.abs(sums - 1).max() > 1e-3:
        fail(
            f"detector_path: {detector} gives values from {rows.min():.3g} that sum to {sums[0]:.3g}; an inception score needs the "
            "probabilities of classes, none negative and 1 together (a softmax at the end)"
        )


def together(runs: list[dict[str, float]]) -> dict[str, float]:
    """One run's numbers as they are; of several each run's, their mean and their deviation."""
    if len(runs) == 1:
        return runs[0]
    each = {f"{name}_run{number:02d}": value for number, run in enumerate(runs, 1) for name, value in run.items()}
    for name in runs[0]:
        values = [run[name] for run in runs]
        each[f"{name}_mean"] = float(np.mean(values))
        each[f"{name}_std"] = float(np.std(values))
    return each


def notes(name: str, measure: Measure, fake: list[Video], real: list[Video] | None) -> list[str]:
    """What a reader must know to compare these numbers with others."""
    if measure.clip is None:
        return []
    few = min((fake, real) if measure.needs_real else (fake,), key=len)
    if len(few) >= DRAWS:
        return []
    return [f"{name}: {draws(measure, few)} clips were drawn from {len(few)} videos; compare it only with scores of as many videos"]


def write(output: Path, lines: list[dict]) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    part = output.with_name(f".{output.name}.{os.getpid()}")
    part.write_text("".join(json.dumps(line, allow_nan=False) + "\n" for line in lines), encoding="utf-8")
    part.replace(output)


if __name__ == "__main__":
    main()
