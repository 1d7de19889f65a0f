"""Scores predictions: score.py PREDICTIONS.jsonl RESULT.json; writes {"accuracy": …, "brier": …}."""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main(predictions: Path, result: Path) -> None:
    rows = [json.loads(line) for line in predictions.read_text().splitlines()]
    right = sum((row["guess"] > 0.5) == (row["label"] == 1) for row in rows)
    brier = sum((row["guess"] - row["label"]) ** 2 for row in rows)
    result.write_text(json.dumps({"accuracy": right / len(rows), "brier": brier / len(rows)}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
