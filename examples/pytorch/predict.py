"""Says of each row what the model takes it for: predict.py --model FOLDER --data ROWS.jsonl --out FOLDER; writes FOLDER/predictions.jsonl."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from model import network, read_points


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--model", "--data", "--out"):
        parser.add_argument(name, type=Path, required=True)
    arguments = parser.parse_args()

    torch.set_num_threads(1)
    saved = torch.load(arguments.model / "model.pt", weights_only=True)
    model = network(saved["hidden"])
    model.load_state_dict(saved["weights"])
    points, labels = read_points(arguments.data)
    with torch.no_grad():
        guesses = torch.sigmoid(model(points))
    rows = [{"guess": round(guess, 4), "label": int(label)} for [guess], [label] in zip(guesses.tolist(), labels.tolist(), strict=True)]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (arguments.out / "predictions.jsonl").write_text(text)


if __name__ == "__main__":
    main()
