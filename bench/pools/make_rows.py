"""Analysed samples of about 390 bytes: `python make_rows.py ROWS FILE`. The same number gives the same file."""

import json
import random
import sys
from pathlib import Path

ALPHABET = "abcdefghijklmnopqrstuvwxyz"
WORDS = 2000
TEXTS = 5000


def main(rows: int, path: Path) -> None:
    """Three numeric stats, one of them a list, and one that is a text."""
    chance = random.Random(1)
    words = ["".join(chance.choices(ALPHABET, k=chance.randint(2, 9))) for _ in range(WORDS)]
    texts = [" ".join(chance.choices(words, k=chance.randint(5, 50))) for _ in range(TEXTS)]
    with open(path, "w", encoding="utf-8", buffering=1 << 20) as file:
        for i in range(rows):
            text = texts[chance.randrange(TEXTS)]
            stats = {
                "text_len": len(text),
                "alnum_ratio": chance.random(),
                "scores": [chance.random(), chance.random()],
                "lang": "en",
            }
            sample = {"id": i, "text": text, "meta": {"source": "bench", "weight": chance.random()}, "__dj__stats__": stats}
            file.write(json.dumps(sample) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
